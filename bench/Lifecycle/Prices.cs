using Modeldrop.Tests.Acceptance.Crash;

namespace Modeldrop.LifecycleBench;

/// <summary>Azure's prices for one request to a storage account.</summary>
/// <remarks>The prices of queues and tables are those of docs/operations.md, "What waiting costs".</remarks>
internal static class Prices
{
    public const string Assumed =
        "Prices: general purpose v2, LRS, East US, hot, as of May 2025, in USD for 10,000 requests: 0.004 for queues, 0.00036 for tables, "
        + "0.05 for writes and lists of blobs, 0.004 for other requests to blobs; deletes of blobs are free. "
        + "A table transaction of several rows is one request.";

    private const double Requests = 10_000;
    private const double Queue = 0.004 / Requests;
    private const double Table = 0.00036 / Requests;
    private const double BlobWriteOrList = 0.05 / Requests;
    private const double BlobOther = 0.004 / Requests;

    /// <summary>The price in USD.</summary>
    public static double Of(StorageRequest request) => request.Service switch
    {
        StorageService.Queue => Queue,
        StorageService.Table => Table,
        _ when request.Method == "DELETE" => 0,
        _ when IsList(request) || IsWrite(request) => BlobWriteOrList,
        _ => BlobOther,
    };

    private static bool IsList(StorageRequest request) => request.Operation == "list";

    /// <summary>Writes of blobs, blocks, block lists and containers; leases, metadata and properties count as other operations.</summary>
    private static bool IsWrite(StorageRequest request) => request.Method == "PUT" && request.Operation is (null or "block" or "blocklist");
}
