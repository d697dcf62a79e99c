using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.ScoringBench;

/// <summary>
/// The time from the start of the process to its first scored request: published, compiled ahead of time, with the model in the local cache
/// and the account up.
/// </summary>
internal static class StartTime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task RunAsync(Report report, int repeats)
    {
        string app = await Published.AppAsync();
        string baseline = await Published.PublishAsync("bench/Baseline", "Modeldrop.Baseline");
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        byte[] row = Models.RowOf(Models.Digits);
        await using StorageEmulator account = await Server.StartAccountAsync();
        (string, string) connection = Server.Connection(account);
        await using (Server first = await Server.StartAppAsync(app, data, connection))
        {
            await Models.RegisterAsync(
                first, Models.Digits, Models.ModelOf(Models.Digits), new JsonObject { ["mode"] = "buffered" }, row, Models.Digits);
        }

        List<double> own = [];
        List<double> theirs = [];
        for (int repeat = 0; repeat <= repeats; repeat++)
        {
            await using (Server server = await Server.StartAppAsync(app, data, connection))
            {
                own.Add(await FirstScoreAsync(server, row));
            }

            await using (
                Server server = await Server.StartBaselineAsync(
                    baseline, Models.Digits, Repository.Sample(Models.Digits, "1", "model.onnx")))
            {
                theirs.Add(await FirstScoreAsync(server, row));
            }
        }

        // The first pair warms up the disk.
        double mine = Report.Median(own.Skip(1));
        double others = Report.Median(theirs.Skip(1));
        report.Add("start of the process to the first scored request, ReadyToRun, `digits`", "≤ 1.3×",
            string.Create(CultureInfo.InvariantCulture, $"{Report.Times(mine / others)} ({mine:0.00} against {others:0.00} s)"));
    }

    private static async Task<double> FirstScoreAsync(Server server, byte[] row)
    {
        var target = new Target("first", server, $"v2/models/{Models.Digits}/infer", row);
        while (true)
        {
            try
            {
                await target.ScoreAsync();
                return Stopwatch.GetElapsedTime(server.StartedAt).TotalSeconds;
            }
            catch (InvalidOperationException) when (Stopwatch.GetElapsedTime(server.StartedAt) < Patience)
            {
                await Task.Delay(5);
            }
        }
    }
}
