using Modeldrop.Standalone.Durable;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>Tells the writes of a scenario from reads and from what a host and its log write by themselves.</summary>
internal static class StorageWrite
{
    /// <summary>The leader's lease and the timers' status; what was scored, and how far it is counted.</summary>
    private static readonly string[] Background = ["standalone-hosts", "predictions", "ModeldropPredictions", "ModeldropProfiles"];

    /// <summary>
    /// The engine's own queues, tables and containers. It writes leases and partitions by its own clock, so a sweep over them would not
    /// end; what is swept is the product's writes.
    /// </summary>
    private static readonly string Engine = DurableOptions.HubNameOf(StorageOptions.DefaultTablePrefix);

    /// <summary>What the request writes, in words; null when it is none of a scenario's writes.</summary>
    public static string? Describe(StorageRequest request)
    {
        string resource = request.Resource;
        if (request.Method is "GET" or "HEAD" || resource.Length == 0 || IsBackground(resource))
        {
            return null;
        }

        if (request.Rows is { Count: > 0 } rows)
        {
            return $"transaction of {rows.Count} in {resource}";
        }

        string file = Uri.UnescapeDataString(request.Path.Split('?')[0].Split('/')[^1]);
        string operation = request.Operation is { } comp ? $" comp={comp}" : "";
        string place = request.Service == StorageService.Table ? resource : $"{resource}/…/{file}{operation}";
        return $"{request.Method} {place}";
    }

    private static bool IsBackground(string resource) =>
        Background.Contains(resource) || resource.StartsWith(Engine, StringComparison.OrdinalIgnoreCase);
}
