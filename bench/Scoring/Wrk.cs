using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Modeldrop.ScoringBench;

/// <summary>The result of a run of wrk.</summary>
/// <param name="Failed">Answers that were not 2xx or 3xx, and socket errors.</param>
/// <param name="Mean">Mean latency.</param>
/// <param name="P99">99th percentile of the latency.</param>
internal sealed record WrkResult(double RequestsPerSecond, long Requests, long Failed, TimeSpan Mean, TimeSpan P99);

/// <summary>Runs wrk with a number of connections, at full load unless paced.</summary>
internal static partial class Wrk
{
    private const int MaxThreads = 2;

    /// <param name="meanPause">
    /// The mean pause of a connection between two requests, in milliseconds, uniform from zero to twice the mean; 0: full load.
    /// </param>
    /// <param name="before">A command before wrk's, such as <see cref="Processors.First"/>.</param>
    public static async Task<WrkResult> RunAsync(
        Target target, int connections, TimeSpan duration, int meanPause = 0, params string[] before)
    {
        string script = Path.GetTempFileName();
        try
        {
            string header = target.HeaderLength is { } length ? $"wrk.headers[\"Inference-Header-Content-Length\"] = \"{length}\"\n" : "";
            string pause = meanPause == 0 ? "" : $"function delay() return math.random(0, {2 * meanPause}) end\n";
            await File.WriteAllTextAsync(
                script,
                $"{pause}wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\n{header}wrk.body = "
                    + $"\"{string.Concat(target.Body.Select(one => $"\\{one:d3}"))}\"\n");
            string[] command =
                [
                    .. before, "wrk", "--latency", $"-t{Math.Min(MaxThreads, connections)}", $"-c{connections}",
                    $"-d{(int)duration.TotalSeconds}s", "-s", script, new Uri(target.Server.Address, target.Path).ToString()
                ];
            var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return Parse(output);
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static WrkResult Parse(string output)
    {
        Match errors = Errors().Match(output);
        long failed = errors.Success
            ? Enumerable.Range(1, 4).Sum(group => long.Parse(errors.Groups[group].Value, CultureInfo.InvariantCulture))
            : 0;
        Match refused = Refused().Match(output);
        return new WrkResult(
            double.Parse(Rate().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
            long.Parse(Total().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
            failed + (refused.Success ? long.Parse(refused.Groups[1].Value, CultureInfo.InvariantCulture) : 0),
            Time(MeanLatency().Match(output)),
            Time(P99Latency().Match(output)));
    }

    private static TimeSpan Time(Match match) =>
        double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch
        {
            "us" => TimeSpan.FromMicroseconds(1),
            "ms" => TimeSpan.FromMilliseconds(1),
            _ => TimeSpan.FromSeconds(1),
        };

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"Latency\s+([\d.]+)(us|ms|s)")]
    private static partial Regex MeanLatency();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex P99Latency();

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Total();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex Errors();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex Refused();
}
