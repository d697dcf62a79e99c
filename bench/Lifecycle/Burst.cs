using System.Diagnostics;
using System.Globalization;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.LifecycleBench;

/// <summary>Many models dropped at once, each under a name of its own, until all of them answer.</summary>
internal static class Burst
{
    private const string Sample = "penguins";
    private const string Version = "1";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    public static async Task RunAsync(Report report, int models)
    {
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using StorageEmulator account = await Server.StartAccountAsync();
        await using Server app = await Server.StartAppAsync(data, Server.Connection(account));
        var drops = new Drops(app, account);
        Dictionary<string, byte[]> files = Models.Package(Sample, Version);
        byte[] row = Models.RowOf(Sample);
        List<Target> waiting = [.. Enumerable.Range(1, models).Select(model => Target.Of($"{Sample}-{model}", app, row))];
        foreach (Target target in waiting)
        {
            await drops.PutCompanionsAsync(Folder(target), files);
        }

        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(waiting.Select(target => drops.PutModelAsync(Folder(target), files)));
        List<double> served = [];
        while (waiting.Count > 0)
        {
            foreach (Target target in waiting.ToArray())
            {
                if (await Drops.FindVersionAsync(target) == Version)
                {
                    served.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                    waiting.Remove(target);
                }
            }

            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                string silent = string.Join(", ", waiting.Take(20).Select(target => target.Name));
                throw new InvalidOperationException($"{waiting.Count} of {models} models never answered: {silent}.");
            }

            await Task.Delay(PollInterval);
        }

        report.Add(
            string.Create(CultureInfo.InvariantCulture, $"{models} drops of `{Sample}` at once, by blob, until all serve"), "",
            string.Create(CultureInfo.InvariantCulture, $"first after {served[0]:0.0} s, last after {served[^1]:0.0} s"));
    }

    private static string Folder(Target target) => $"{target.Name}/{Version}";
}
