using System.Globalization;
using System.Text.Json.Nodes;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.ScoringBench;

/// <summary>Requests a second compared with the baseline and with a fixed answer of the same size; one row per request, in JSON.</summary>
internal static class Throughput
{
    private static readonly int[] Connections = [16, 64];

    public static async Task RunAsync(Report report, int repeats, TimeSpan duration)
    {
        foreach (string sample in (string[])[Models.Digits, Models.Flights])
        {
            string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
            byte[] row = Models.RowOf(sample);
            byte[] model = Models.ModelOf(sample);
            string modelPath = Repository.Sample(sample, Models.VersionOf(sample), "model.onnx");

            await using StorageEmulator account = await Server.StartAccountAsync();
            await using Server app = await Server.StartAppAsync(data, Server.Connection(account));
            Target unlogged = await Models.RegisterAsync(app, $"{sample}-off", model, new JsonObject { ["mode"] = "off" }, row, sample);
            Target logged = await Models.RegisterAsync(app, $"{sample}-log", model, new JsonObject { ["mode"] = "buffered" }, row, sample);
            await using Server baselineServer = await Server.StartBaselineAsync(sample, modelPath);
            var baseline = new Target("baseline", baselineServer, $"v2/models/{sample}/infer", row);
            int bytes = (await unlogged.ScoreAsync()).Length;
            await using Server fixedServer = await Server.StartBaselineAsync("fixed", bytes.ToString(CultureInfo.InvariantCulture));
            var constant = new Target("fixed", fixedServer, $"v2/models/{sample}/infer", row);

            foreach (int connections in Connections)
            {
                Target[] targets = [baseline, unlogged, logged, constant];
                Dictionary<Target, List<double>> rates = targets.ToDictionary(target => target, _ => new List<double>());
                foreach (Target target in targets)
                {
                    await Wrk.RunAsync(target, connections, TimeSpan.FromSeconds(3));
                }

                for (int repeat = 0; repeat < repeats; repeat++)
                {
                    foreach (Target target in targets)
                    {
                        WrkResult result = await Wrk.RunAsync(target, connections, duration);
                        if (result.Failed > 0)
                        {
                            throw new InvalidOperationException($"{target.Name}: {result.Failed} of {result.Requests} requests failed.");
                        }

                        rates[target].Add(result.RequestsPerSecond);
                    }
                }

                double Rate(Target target) => Report.Median(rates[target]);
                string where = $"`{sample}`, {connections} connections";
                string basis = string.Create(
                    CultureInfo.InvariantCulture,
                    $"(baseline {Rate(baseline):0}/s, spread {rates[baseline].Min():0} to {rates[baseline].Max():0})");
                report.Add(
                    $"throughput without the log against the baseline, {where}", "≥ 1.4×",
                    $"{Report.Times(Rate(unlogged) / Rate(baseline))} {basis}");
                report.Add($"throughput with the log `buffered`, {where}", "≥ 1.1×", Report.Times(Rate(logged) / Rate(baseline)));
                report.Add(
                    $"throughput without the log against a fixed answer, {where}", "≥ 0.75×",
                    Report.Times(Rate(unlogged) / Rate(constant)));
            }

            foreach (int connections in (int[])[16, 1])
            {
                report.Add(
                    $"allocated for a request without the log, `{sample}`, {connections} connections", "≤ 2 KB",
                    await Allocation.OfAsync(unlogged, connections));
                report.Add(
                    $"allocated for a request with the log, `{sample}`, {connections} connections", "≤ 2 KB",
                    await Allocation.OfAsync(logged, connections));
            }
        }
    }
}
