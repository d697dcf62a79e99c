using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.ScoringBench;

/// <summary>
/// Memory after requests that need much of it: runs of 300 MB and of 3 GB, answers of 40 MB. The limits are those of an instance of 2 GiB.
/// </summary>
internal static class LargeRuns
{
    private const int Callers = 4;
    private const int Megabyte = 1 << 20;

    // Longer than the remains of long runs stay in memory.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(Report report, int requests)
    {
        string data = Directory.CreateTempSubdirectory("modeldrop-bench").FullName;
        await using Server app = await Server.StartAppAsync(
            data,
            ("Scoring__MaxSessionBytes", $"{576L * Megabyte}"),
            ("Scoring__MaxRunBytes", $"{384L * Megabyte}"),
            ("Scoring__MaxInFlightBytes", $"{288L * Megabyte}"));
        JsonObject logging = new() { ["mode"] = "off" };
        Target sums = await Models.RegisterAsync(app, "sums", OnnxBuilder.Zeros(isSummed: true), logging, Zeros(1));
        Target zeros = await Models.RegisterAsync(app, "zeros", OnnxBuilder.Zeros(isSummed: false), logging, Zeros(1));
        await sums.ScoreAsync();
        await Task.Delay(Quiet);
        long before = app.WorkingSet;
        await MeasureAsync("runs of 300 MB", sums with { Body = Zeros(75_000_000) });
        await MeasureAsync("runs of 3 GB", sums with { Body = Zeros(750_000_000) });
        await MeasureAsync("answers of 40 MB", zeros with { Body = Zeros(10_000_000) });

        async Task MeasureAsync(string what, Target target)
        {
            (int answered, long peak) = (0, 0);
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
            {
                for (int i = 0; i < requests; i++)
                {
                    try
                    {
                        await target.ScoreAsync();
                        Interlocked.Increment(ref answered);
                    }
                    catch (InvalidOperationException exception) when (exception.Message.Contains("answered 503", StringComparison.Ordinal))
                    {
                        // This is the intended result.
                    }

                    peak = Math.Max(peak, app.WorkingSet);
                }
            })));
            await Task.Delay(Quiet);
            report.Add(
                $"{Callers * requests} {what}, {Callers} at once", "no more memory afterwards",
                string.Create(CultureInfo.InvariantCulture,
                    $"{answered} answered, the others 503; {before / Megabyte} MiB before, {peak / Megabyte} at most, "
                        + $"{app.WorkingSet / Megabyte} afterwards"));
        }
    }

    private static byte[] Zeros(long count) =>
        Encoding.UTF8.GetBytes($$$"""{"inputs":[{"name":"k","shape":[1],"datatype":"INT64","data":[{{{count}}}]}]}""");
}
