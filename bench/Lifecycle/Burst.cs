using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Storage.Blobs;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.LifecycleBench;

/// <summary>
/// Drops many models at once, each under its own name, until all of them answer. Meanwhile it rolls another model back repeatedly.
/// </summary>
internal static class Burst
{
    private const string Sample = "penguins";
    private const string Version = "1";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RollBackPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EmulatorPause = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync(Report report, int models)
    {
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using StorageEmulator account = await Server.StartAccountAsync();
        await using Server app = await Server.StartAppAsync(await Published.AppAsync(), data, Server.Connection(account));
        var drops = new Drops(app, account);
        Dictionary<string, byte[]> files = Models.Package(Sample, Version);
        byte[] row = Models.RowOf(Sample);
        Target other = Target.Of("other", app, row);
        foreach (string version in (string[])["1", "2"])
        {
            await drops.ByFormAsync(other.Name, Models.Package(Sample, version));
            await Drops.ServesAsync(other, version);
        }

        List<Target> waiting = [.. Enumerable.Range(1, models).Select(model => Target.Of($"{Sample}-{model}", app, row))];
        foreach (Target target in waiting)
        {
            await drops.PutCompanionsAsync(Folder(target), files);
        }

        int emulator = ProcessorTime.FindChild(Environment.ProcessId, "node");
        ProcessorTime appBefore = ProcessorTime.Of(app.ProcessId);
        ProcessorTime emulatorBefore = ProcessorTime.Of(emulator);
        using var served = new CancellationTokenSource();
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(waiting.Select(target => drops.PutModelAsync(Folder(target), files)));
        Task<(List<double> Times, int Failed)> rollBacks = RollBackAsync(other, served.Token);
        Task<List<double>> answers = AskEmulatorAsync(account, served.Token);
        List<double> times = await ServeAllAsync(app, waiting, start);
        ProcessorTime ofApp = ProcessorTime.Of(app.ProcessId) - appBefore;
        ProcessorTime ofEmulator = ProcessorTime.Of(emulator) - emulatorBefore;
        await served.CancelAsync();
        (List<double> back, int failed) = await rollBacks;
        List<double> emulatorTimes = await answers;

        report.Add(
            string.Create(CultureInfo.InvariantCulture, $"{models} drops of `{Sample}` at once, by blob, until all serve"), "10 s, 300 s",
            string.Create(
                CultureInfo.InvariantCulture,
                $"first after {times[0]:0.0} s, half after {times[times.Count / 2]:0.0} s, last after {times[^1]:0.0} s"));
        report.Add(
            "processor time of a drop: app, child processes, emulator", "",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{ofApp.Own / models:0.00} s, {ofApp.Ended / models:0.00} s, {ofEmulator.Own / models:0.00} s"));
        report.Add(
            "meanwhile another model is rolled back: request to first score of the other version", "< 1 s",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Report.Median(back):0.00} s, at most {back.Max():0.00} s ({back.Count} times; {failed} refused)"));
        report.Add(
            "… the emulator's answer to one small request meanwhile", "",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Report.Median(emulatorTimes):0.000} s, at most {emulatorTimes.Max():0.00} s ({emulatorTimes.Count} times)"));
    }

    private static async Task<List<double>> AskEmulatorAsync(StorageEmulator account, CancellationToken served)
    {
        List<double> times = [];
        var container = new BlobContainerClient(account.ConnectionString, "drop");
        while (!served.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            await container.ExistsAsync(CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await Task.WhenAny(Task.Delay(EmulatorPause, served));
        }

        return times;
    }

    private static async Task<List<double>> ServeAllAsync(Server app, List<Target> waiting, long start)
    {
        List<double> times = [];
        while (waiting.Count > 0)
        {
            HashSet<string> ready = await ReadyAsync(app);
            foreach (Target target in waiting.Where(target => ready.Contains(target.Name)).ToArray())
            {
                if (await Drops.FindVersionAsync(target) == Version)
                {
                    times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                    waiting.Remove(target);
                }
            }

            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                string silent = string.Join(", ", waiting.Take(20).Select(target => target.Name));
                throw new InvalidOperationException($"{waiting.Count} models never answered: {silent}.");
            }

            await Task.Delay(PollInterval);
        }

        return times;
    }

    /// <summary>The models with a champion, by the server's list: one request, whatever the number of models.</summary>
    private static async Task<HashSet<string>> ReadyAsync(Server app)
    {
        using HttpResponseMessage response = await app.Http.PostAsJsonAsync("v2/repository/index", new { });
        JsonElement index = await response.Content.ReadFromJsonAsync<JsonElement>();
        return [.. index.EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!)];
    }

    private static async Task<(List<double> Times, int Failed)> RollBackAsync(Target other, CancellationToken served)
    {
        List<double> times = [];
        int failed = 0;
        for (int to = 1; !served.IsCancellationRequested; to = 3 - to)
        {
            long start = Stopwatch.GetTimestamp();
            var body = new { to, reason = "bench" };
            for (bool done = false; !done;)
            {
                using HttpResponseMessage response = await other.Server.Http.PostAsJsonAsync(
                    $"api/models/{other.Name}/rollback", body, CancellationToken.None);
                done = response.IsSuccessStatusCode;
                failed += done ? 0 : 1;
            }

            while (await Drops.FindVersionAsync(other) != $"{to}")
            {
                await Task.Delay(10, CancellationToken.None);
            }

            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await Task.WhenAny(Task.Delay(RollBackPause, served));
        }

        return (times, failed);
    }

    private static string Folder(Target target) => $"{target.Name}/{Version}";
}
