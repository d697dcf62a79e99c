using System.Globalization;
using System.Text.RegularExpressions;

namespace Modeldrop.ScoringBench;

/// <summary>Bytes that the app allocates for a request, all of it: web server, host, scoring, log.</summary>
internal static partial class Allocation
{
    public static async Task<string> OfAsync(Target target)
    {
        double before = await AllocatedAsync(target.Server);
        WrkResult result = await Wrk.RunAsync(target, 16, TimeSpan.FromSeconds(5));
        double bytes = (await AllocatedAsync(target.Server) - before) / result.Requests;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B");
    }

    private static async Task<double> AllocatedAsync(Server server)
    {
        string metrics = await server.Http.GetStringAsync("metrics");
        return double.Parse(Counter().Match(metrics).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^system_runtime_dotnet_gc_heap_total_allocated(?:\{[^}]*\})? ([\d.eE+]+)", RegexOptions.Multiline)]
    private static partial Regex Counter();
}
