using System.Globalization;
using Azure.Data.Tables;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Routing;

/// <summary>The counts of rollouts in the table <c>Rollouts</c>: one partition per operation, one row per process and version.</summary>
/// <remarks>Rows contain totals and are overwritten, so writing one twice changes nothing. Thread-safe.</remarks>
public sealed class RolloutCounterStore(StorageAccount account)
{
    private const int MaxRowsPerTransaction = 100;

    private readonly TableClient _table = account.Table(TableNames.Rollouts);

    /// <summary>Sums the counts of all processes; without any, there are no versions. One transaction for up to 1,000 rows.</summary>
    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<RolloutCounts> ReadAsync(OperationId operation, CancellationToken cancellationToken)
    {
        var sums = new Dictionary<int, VersionCounts>();
        await foreach (TableEntity row in RowsAsync(operation, cancellationToken))
        {
            int version = row.GetInt32("Version")!.Value;
            var counts = new VersionCounts(
                row.GetInt64("Requests")!.Value,
                row.GetInt64("Failures")!.Value,
                row.GetInt64("Unloaded")!.Value,
                LatencyHistogram.FromBytes(row.GetBinary("Latency")));
            sums[version] = sums.GetValueOrDefault(version, VersionCounts.None).Plus(counts);
        }

        return new RolloutCounts(sums);
    }

    /// <summary>Writes one process's totals. One transaction.</summary>
    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.StoreUnavailable"/>.</exception>
    internal Task WriteAsync(
        OperationId operation, string writer, IReadOnlyDictionary<int, VersionCounts> versions, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"the counts of '{operation}'", () => _table.SubmitTransactionAsync(
            versions.Select(
                pair => new TableTransactionAction(TableTransactionActionType.UpsertReplace, Row(operation, writer, pair.Key, pair.Value))),
            cancellationToken));

    /// <summary>Lists rollouts whose counts were last written before an instant.</summary>
    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<IReadOnlyList<OperationId>> ListOperationsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var rows = StoreCall.EnumerateAsync(
            "the counts of rollouts",
            _table.QueryAsync<TableEntity>(select: ["PartitionKey", "Timestamp"], cancellationToken: cancellationToken),
            cancellationToken);
        Dictionary<string, DateTimeOffset> written = [];
        await foreach (TableEntity row in rows)
        {
            written[row.PartitionKey] = row.Timestamp > written.GetValueOrDefault(row.PartitionKey)
                ? row.Timestamp.Value
                : written.GetValueOrDefault(row.PartitionKey);
        }

        return [.. written.Where(one => one.Value < before).Select(one => OperationId.Find(one.Key)).OfType<OperationId>()];
    }

    /// <summary>Deletes the counts of a rollout that has ended; there may be none.</summary>
    /// <exception cref="Errors.ServiceException"><see cref="Errors.ErrorCode.StoreUnavailable"/>.</exception>
    public async Task DeleteAsync(OperationId operation, CancellationToken cancellationToken)
    {
        List<TableEntity> rows = await RowsAsync(operation, cancellationToken).ToListAsync(cancellationToken);
        foreach (TableEntity[] some in rows.Chunk(MaxRowsPerTransaction))
        {
            await StoreCall.RunAsync($"the counts of '{operation}'", () => _table.SubmitTransactionAsync(
                some.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, Azure.ETag.All)), cancellationToken));
        }
    }

    private IAsyncEnumerable<TableEntity> RowsAsync(OperationId operation, CancellationToken cancellationToken) =>
        StoreCall.EnumerateAsync(
            $"the counts of '{operation}'",
            _table.QueryAsync<TableEntity>(
                TableClient.CreateQueryFilter($"PartitionKey eq {operation.ToString()}"), cancellationToken: cancellationToken),
            cancellationToken);

    private static TableEntity Row(OperationId operation, string writer, int version, VersionCounts counts) =>
        new(operation.ToString(), string.Create(CultureInfo.InvariantCulture, $"{version:D6}!{writer}"))
        {
            ["Version"] = version,
            ["Requests"] = counts.Requests,
            ["Failures"] = counts.Failures,
            ["Unloaded"] = counts.Unloaded,
            ["Latency"] = counts.Latency.ToBytes(),
        };
}
