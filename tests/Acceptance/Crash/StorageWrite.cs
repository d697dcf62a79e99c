using Modeldrop.Standalone.Durable;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>Distinguishes the writes of a scenario from reads and from background writes of a host and its log.</summary>
internal static class StorageWrite
{
    /// <summary>The leader's lease and the timers' status; the prediction log and the progress of its fold.</summary>
    private static readonly string[] Background = ["standalone-hosts", "predictions", "ModeldropPredictions", "ModeldropProfiles"];

    /// <summary>
    /// The engine's own queues, tables and containers. The engine writes leases and partitions by its own clock, so a sweep over them would
    /// not end. The sweep covers the product's writes only.
    /// </summary>
    private static readonly string Engine = DurableOptions.HubNameOf(StorageOptions.DefaultTablePrefix);

    /// <summary>The request's write, in words; null when it is not a write of a scenario.</summary>
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
