using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.ScoringBench;

/// <summary>
/// The time of a request beyond its run of a model that takes a few milliseconds, as the caller sees it. Both times come from the same
/// requests.
/// </summary>
internal static class ModelOverhead
{
    private const int Side = 512;

    public static async Task RunAsync(Report report, int repeats, TimeSpan duration)
    {
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using Server app = await Server.StartAppAsync(data);
        byte[] body = Encoding.UTF8.GetBytes("""{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[0.5]}]}""");
        Target target = await Models.RegisterAsync(app, "slow", Model(), new JsonObject { ["mode"] = "buffered" }, body);
        await using Server fixedServer = await Server.StartBaselineAsync("fixed", "300");
        var constant = new Target("fixed", fixedServer, "v2/models/slow/infer", body);
        await Wrk.RunAsync(target, 1, duration);
        await Wrk.RunAsync(constant, 1, duration);

        List<double> constants = [];
        List<double> overheads = [];
        List<double> runs = [];
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            string from = Uri.EscapeDataString(TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
            WrkResult seen = await Wrk.RunAsync(target, 1, duration);
            await Task.Delay(TimeSpan.FromSeconds(2));
            double inModel = await MeanRunAsync(app, from);
            runs.Add(inModel);
            // As rarely as the model allows requests, because a machine that slept in between takes longer to answer.
            constants.Add((await Wrk.RunAsync(constant, 1, duration, meanPause: (int)Math.Round(inModel))).Mean.TotalMilliseconds);
            overheads.Add((seen.Mean.TotalMilliseconds / inModel) - 1);
        }

        report.Add("a request's time beyond its run of the model, one connection, log `buffered`", "≤ 2 %",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Report.Median(overheads) * 100:0.0} % of a run of {Report.Median(runs):0.0} ms, which is "
                    + $"{Report.Median(overheads) * Report.Median(runs):0.00} ms; "
                    + $"a fixed answer, requested as rarely, takes {Report.Median(constants):0.00} ms"));
    }

    private static async Task<double> MeanRunAsync(Server app, string from)
    {
        string lines = await app.Http.GetStringAsync($"api/models/slow/predictions?format=json&from={from}");
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Average(
            line => JsonDocument.Parse(line).RootElement.GetProperty("durationMs").GetDouble());
    }

    /// <summary>A model with one number in, one number out, and two products of large matrices between them.</summary>
    private static byte[] Model()
    {
        var random = new Random(1);
        float[] matrix = [.. Enumerable.Range(0, Side * Side).Select(_ => random.NextSingle() / Side)];
        return new OnnxBuilder()
            .Input("x", TensorElementType.Float, 1)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, 1, 1))
            .Initializer("m", matrix, Side, Side)
            .Node("Mul", ["m", "x"], ["a"])
            .Node("MatMul", ["a", "a"], ["b"])
            .Node("MatMul", ["b", "a"], ["c"])
            .Node("ReduceMax", ["c"], ["y"])
            .Build();
    }
}
