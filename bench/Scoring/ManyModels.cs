using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.ScoringBench;

/// <summary>More models than the budget holds, 10 MB each, requested by Zipf's law.</summary>
internal static class ManyModels
{
    private const int ModelFloats = 2_500_000;
    private const int BudgetMegabytes = 512;
    private const int Callers = 8;

    public static async Task RunAsync(Report report, int models, TimeSpan duration)
    {
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        // A session takes up to twice its file.
        int budget = models < 100 ? BudgetMegabytes / 4 : BudgetMegabytes / 2;
        await using Server app = await Server.StartAppAsync(
            data, ("Scoring__MaxSessionBytes", (budget * 1024L * 1024).ToString(CultureInfo.InvariantCulture)));
        byte[] body = Encoding.UTF8.GetBytes("""{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[7]}]}""");
        long before = app.WorkingSet;
        List<Target> targets = [];
        for (int model = 0; model < models; model++)
        {
            targets.Add(await Models.RegisterAsync(app, $"model-{model}", ModelOf(model), new JsonObject { ["mode"] = "off" }, body));
        }

        double[] cumulated = [.. Enumerable.Range(1, models).Select(rank => 1.0 / rank)];
        for (int rank = 1; rank < models; rank++)
        {
            cumulated[rank] += cumulated[rank - 1];
        }

        ConcurrentBag<(int Requests, int Failed)> callers = [];
        long peak = 0;
        using var stop = new CancellationTokenSource(duration);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            (int requests, int failed) = (0, 0);
            while (!stop.IsCancellationRequested)
            {
                int chosen = Array.BinarySearch(cumulated, random.NextDouble() * cumulated[^1]);
                try
                {
                    await targets[Math.Min(models - 1, chosen < 0 ? ~chosen : chosen)].ScoreAsync();
                }
                catch (InvalidOperationException)
                {
                    failed++;
                }

                requests++;
                if (caller == 0 && requests % 50 == 0)
                {
                    peak = Math.Max(peak, app.WorkingSet);
                }
            }

            callers.Add((requests, failed));
        })));
        double evicted = await app.CountAsync("modeldrop_sessions_evictions");
        report.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{models} models of 10 MB, {budget} MB of files loaded at most, Zipf traffic"), "no failure, memory held",
            string.Create(CultureInfo.InvariantCulture,
                $"{callers.Sum(one => one.Failed)} of {callers.Sum(one => one.Requests)} requests failed, {evicted:0} evictions, "
                    + $"{peak / (1024 * 1024)} MiB in memory ({before / (1024 * 1024)} before the first model)"));
    }

    /// <summary>A model that looks a number up in its own table.</summary>
    private static byte[] ModelOf(int seed)
    {
        var random = new Random(seed);
        float[] table = [.. Enumerable.Range(0, ModelFloats).Select(_ => random.NextSingle())];
        return new OnnxBuilder()
            .Input("x", TensorElementType.Int64, -1)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1))
            .Initializer("table", table, ModelFloats)
            .Node("Gather", ["table", "x"], ["y"])
            .Build();
    }
}
