using System.Globalization;
using System.Text.Json.Nodes;

namespace Modeldrop.ScoringBench;

/// <summary>The slowest percent of requests at half of the baseline's peak load, ours (with the log) and the baseline's.</summary>
internal static class TailLatency
{
    private const int Connections = 64;

    public static async Task RunAsync(Report report, int repeats, TimeSpan duration)
    {
        foreach (string sample in (string[])[Models.Digits, Models.Flights])
        {
            string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
            byte[] row = Models.RowOf(sample);
            await using Server app = await Server.StartAppAsync(data);
            Target ours = await Models.RegisterAsync(app, sample, Models.ModelOf(sample), new JsonObject { ["mode"] = "buffered" }, row, sample);
            await using Server server = await Server.StartBaselineAsync(sample, Repository.Sample(sample, Models.VersionOf(sample), "model.onnx"));
            var baseline = new Target("baseline", server, $"v2/models/{sample}/infer", row);
            await Wrk.RunAsync(ours, Connections, TimeSpan.FromSeconds(8));
            await Wrk.RunAsync(baseline, Connections, TimeSpan.FromSeconds(3));
            double peak = (await Wrk.RunAsync(baseline, Connections, TimeSpan.FromSeconds(5))).RequestsPerSecond;
            int pause = Math.Max(1, (int)Math.Round(1000 * Connections / (peak / 2)));

            List<WrkResult> baselines = [];
            List<WrkResult> own = [];
            for (int repeat = 0; repeat < repeats; repeat++)
            {
                baselines.Add(await Wrk.RunAsync(baseline, Connections, duration, pause));
                own.Add(await Wrk.RunAsync(ours, Connections, duration, pause));
            }

            double theirs = Report.Median(baselines.Select(one => one.P99.TotalMilliseconds));
            double mine = Report.Median(own.Select(one => one.P99.TotalMilliseconds));
            report.Add($"p99 at half of the baseline's peak, `{sample}`, log `buffered`", "≤ 1×", string.Create(CultureInfo.InvariantCulture,
                $"{Report.Times(mine / theirs)} ({mine:0.0} against {theirs:0.0} ms at {Report.Median(own.Select(one => one.RequestsPerSecond)):0} and {Report.Median(baselines.Select(one => one.RequestsPerSecond)):0} of {peak:0}/s)"));
        }
    }
}
