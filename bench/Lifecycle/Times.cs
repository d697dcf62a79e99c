using System.Diagnostics;
using System.Globalization;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.LifecycleBench;

/// <summary>
/// The time from the drop to the first score of the dropped version: for a first version, and for a second version that replaces it.
/// </summary>
/// <remarks>The clock starts with the request that completes the drop: the form, or the blob of the model.</remarks>
internal static class Times
{
    /// <summary>After this time without work the engine polls its queues as rarely as when idle.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Report report, int repeats)
    {
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using StorageEmulator account = await Server.StartAccountAsync();
        await using Server app = await Server.StartAppAsync(data, Server.Connection(account));
        var drops = new Drops(app, account);
        foreach ((string sample, string goal) in ((string, string)[])[("penguins", "< 5 s"), (Models.Flights, "< 8 s")])
        {
            foreach (string way in (string[])["form", "blob"])
            {
                List<double> first = [];
                List<double> second = [];
                for (int repeat = 0; repeat < repeats; repeat++)
                {
                    Target target = Target.Of($"{sample}-{way}-{repeat}", app, Models.RowOf(sample));
                    first.Add(await MeasureAsync(drops, target, sample, "1", byForm: way == "form"));
                    second.Add(await MeasureAsync(drops, target, sample, "2", byForm: way == "form"));
                }

                Add(report, $"`{sample}` by {way}: drop to first score, first version", goal, first);
                Add(report, $"`{sample}` by {way}: drop to first score, second version", goal, second);
            }
        }
    }

    private static async Task<double> MeasureAsync(Drops drops, Target target, string sample, string version, bool byForm)
    {
        Dictionary<string, byte[]> files = Models.Package(sample, version);
        string folder = $"{target.Name}/{version}";
        if (!byForm)
        {
            await drops.PutCompanionsAsync(folder, files);
        }

        await Task.Delay(Idle);
        long start = Stopwatch.GetTimestamp();
        await (byForm ? drops.ByFormAsync(target.Name, files) : drops.PutModelAsync(folder, files));
        await Drops.ServesAsync(target, version);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Add(Report report, string figure, string goal, List<double> seconds) => report.Add(figure, goal, string.Create(
        CultureInfo.InvariantCulture, $"{Report.Median(seconds):0.0} s ({seconds.Min():0.0} to {seconds.Max():0.0})"));
}
