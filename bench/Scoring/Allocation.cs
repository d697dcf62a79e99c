using System.Globalization;

namespace Modeldrop.ScoringBench;

/// <summary>Bytes that the whole app allocates per request: web server, host, scoring, log.</summary>
internal static class Allocation
{
    private const string Allocated = "system_runtime_dotnet_gc_heap_total_allocated";

    public static async Task<string> OfAsync(Target target, int connections)
    {
        double before = await target.Server.CountAsync(Allocated);
        WrkResult result = await Wrk.RunAsync(target, connections, TimeSpan.FromSeconds(5));
        double bytes = (await target.Server.CountAsync(Allocated) - before) / result.Requests;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B");
    }
}
