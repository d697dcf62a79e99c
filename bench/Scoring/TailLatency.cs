using System.Globalization;
using System.Text.Json.Nodes;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.ScoringBench;

/// <summary>
/// The slowest percent of requests at half of the baseline's peak load: the app with and without the log, and the baseline.
/// </summary>
internal static class TailLatency
{
    private const int Connections = 64;

    public static async Task RunAsync(Report report, int repeats, TimeSpan duration)
    {
        foreach (string sample in (string[])[Models.Digits, Models.Flights])
        {
            string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
            byte[] row = Models.RowOf(sample);
            await using StorageEmulator account = await Server.StartAccountAsync();
            await using Server app = await Server.StartAppAsync(data, Server.Connection(account));
            Target unlogged = await Models.RegisterAsync(
                app, $"{sample}-off", Models.ModelOf(sample), new JsonObject { ["mode"] = "off" }, row, sample);
            Target logged = await Models.RegisterAsync(
                app, $"{sample}-log", Models.ModelOf(sample), new JsonObject { ["mode"] = "buffered" }, row, sample);
            await using Server server = await Server.StartBaselineAsync(
                sample, Repository.Sample(sample, Models.VersionOf(sample), "model.onnx"));
            var baseline = new Target("baseline", server, $"v2/models/{sample}/infer", row);
            await Wrk.RunAsync(unlogged, Connections, TimeSpan.FromSeconds(8));
            await Wrk.RunAsync(baseline, Connections, TimeSpan.FromSeconds(3));
            double peak = (await Wrk.RunAsync(baseline, Connections, TimeSpan.FromSeconds(5))).RequestsPerSecond;
            int pause = Math.Max(1, (int)Math.Round(1000 * Connections / (peak / 2)));

            Target[] targets = [baseline, unlogged, logged];
            Dictionary<Target, List<WrkResult>> results = targets.ToDictionary(target => target, _ => new List<WrkResult>());
            for (int repeat = 0; repeat < repeats; repeat++)
            {
                foreach (Target target in targets)
                {
                    results[target].Add(await Wrk.RunAsync(target, Connections, duration, pause));
                }
            }

            double P99(Target target) => Report.Median(results[target].Select(one => one.P99.TotalMilliseconds));
            double Rate(Target target) => Report.Median(results[target].Select(one => one.RequestsPerSecond));
            foreach ((string log, Target target) in ((string, Target)[])[("without the log", unlogged), ("log `buffered`", logged)])
            {
                report.Add($"p99 at half of the baseline's peak, `{sample}`, {log}", "≤ 1×", string.Create(CultureInfo.InvariantCulture,
                    $"{Report.Times(P99(target) / P99(baseline))} ({P99(target):0.0} against {P99(baseline):0.0} ms at {Rate(target):0} "
                        + $"and {Rate(baseline):0} of {peak:0}/s)"));
            }
        }
    }
}
