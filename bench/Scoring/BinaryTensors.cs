using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.ScoringBench;

/// <summary>The binary tensor extension compared with JSON: 64 × 64 floats in and out, through an identity model.</summary>
internal static class BinaryTensors
{
    private const int Side = 64;

    public static async Task RunAsync(Report report, int repeats, TimeSpan duration)
    {
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using Server app = await Server.StartAppAsync(data);
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, Side * Side).Select(_ => random.NextSingle())];
        byte[] json = Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"x","shape":[1,{{Side}},{{Side}}],"datatype":"FP32","data":[{{string.Join(",", values.Select(value => FormattableString.Invariant($"{value:R}")))}}]}]}""");
        byte[] head = Encoding.UTF8.GetBytes($$$"""{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[1,{{{Side}}},{{{Side}}}],"datatype":"FP32","parameters":{"binary_data_size":{{{values.Length * sizeof(float)}}} }}]}""");
        Target asJson = await Models.RegisterAsync(
            app, "echo", OnnxBuilder.Identity(TensorElementType.Float, -1, Side, Side), new JsonObject { ["mode"] = "off" }, json);
        Target asBytes =
            asJson with { Name = "binary", Body = [.. head, .. MemoryMarshal.AsBytes(values.AsSpan())], HeaderLength = head.Length };
        await asBytes.ScoreAsync();

        List<double> ratios = [];
        for (int repeat = 0; repeat <= repeats; repeat++)
        {
            WrkResult text = await Wrk.RunAsync(asJson, 16, duration);
            WrkResult bytes = await Wrk.RunAsync(asBytes, 16, duration);
            if (text.Failed + bytes.Failed > 0)
            {
                throw new InvalidOperationException($"{text.Failed} and {bytes.Failed} requests failed.");
            }

            // The first pair warms up.
            ratios.AddRange(repeat == 0 ? [] : [bytes.RequestsPerSecond / text.RequestsPerSecond]);
        }

        report.Add(
            $"binary tensors, {Side} × {Side} floats in and out, against JSON, 16 connections", "≥ 5×",
            Report.Times(Report.Median(ratios)));
    }
}
