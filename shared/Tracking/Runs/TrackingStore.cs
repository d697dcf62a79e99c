using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Tracking.Runs;

/// <summary>Rows of the table <c>Tracking</c>. Each is a JSON document, changed by compare-and-swap. Thread-safe.</summary>
public sealed class TrackingStore(StorageAccount account)
{
    private const int MaxAttempts = 50;
    private const int RowsOfTransaction = 100;

    private readonly TableClient _table = account.Table(TableNames.Tracking);

    /// <summary>Null: there is none.</summary>
    public async Task<T?> FindAsync<T>(TrackingKey key, CancellationToken cancellationToken)
        where T : class =>
        await ReadAsync(key, cancellationToken) is { } row ? Parse<T>(row) : null;

    /// <returns>False: a row with that key exists.</returns>
    public Task<bool> TryAddAsync<T>(TrackingKey key, T document, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(key.What, async () =>
        {
            try
            {
                await _table.AddEntityAsync(Row(key, document), cancellationToken);
                return true;
            }
            catch (RequestFailedException exception) when (exception.Status == 409)
            {
                return false;
            }
        });

    /// <summary>Changes a document; retries when another writer was faster.</summary>
    /// <param name="change">
    /// Pure and idempotent, because a write whose answer was lost is repeated. May throw a <see cref="ServiceException"/>.
    /// </param>
    /// <param name="absent">The initial document when there is no row; null: a missing row is an error.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.RunNotFound"/>; <see cref="ErrorCode.RegistryConflict"/>; <see cref="ErrorCode.PayloadTooLarge"/>.
    /// </exception>
    public async Task<T> ChangeAsync<T>(
        TrackingKey key, Func<T, T> change, CancellationToken cancellationToken, Func<T>? absent = null)
        where T : class
    {
        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            TableEntity? row = await ReadAsync(key, cancellationToken);
            T before = row is not null ? Parse<T>(row) : absent?.Invoke() ?? throw key.NotFound();
            T after = change(before);
            if (row is not null && EqualityComparer<T>.Default.Equals(before, after))
            {
                return after;
            }

            TableEntity written = Row(key, after);
            bool done = await StoreCall.RunAsync(key.What, async () =>
            {
                try
                {
                    await (row is null
                        ? _table.AddEntityAsync(written, cancellationToken)
                        : _table.UpdateEntityAsync(written, row.ETag, TableUpdateMode.Replace, cancellationToken));
                    return true;
                }
                catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
                {
                    return false;
                }
            });
            if (done)
            {
                return after;
            }

            await StoreBackOff.WaitAsync(attempt, cancellationToken);
        }

        throw new ServiceException(ErrorCode.RegistryConflict, $"Others changed {key.What} at the same time; try again.");
    }

    /// <summary>Inserts or replaces rows.</summary>
    /// <param name="rows">All in one partition.</param>
    public async Task PutAsync<T>(IReadOnlyList<(TrackingKey Key, T Document)> rows, CancellationToken cancellationToken)
    {
        foreach ((TrackingKey Key, T Document)[] some in rows.DistinctBy(row => row.Key.Row).Chunk(RowsOfTransaction))
        {
            await StoreCall.RunAsync(some[0].Key.What, () => _table.SubmitTransactionAsync(
                some.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, Row(row.Key, row.Document))),
                cancellationToken));
        }
    }

    /// <summary>The rows of a partition, in the order of their keys.</summary>
    /// <param name="from">First key, inclusive; null: from the start.</param>
    /// <param name="to">Last key, exclusive; null: to the end.</param>
    public IAsyncEnumerable<T> ListAsync<T>(string partition, string? from, string? to, CancellationToken cancellationToken)
        where T : class
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition}");
        filter = from is null ? filter : $"{filter} and {TableClient.CreateQueryFilter($"RowKey ge {from}")}";
        filter = to is null ? filter : $"{filter} and {TableClient.CreateQueryFilter($"RowKey lt {to}")}";
        return StoreCall.EnumerateAsync(partition, _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken),
            cancellationToken).Select(Parse<T>);
    }

    private Task<TableEntity?> ReadAsync(TrackingKey key, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(key.What, async () =>
        {
            NullableResponse<TableEntity> row = await _table.GetEntityIfExistsAsync<TableEntity>(
                key.Partition, key.Row, cancellationToken: cancellationToken);
            return row.HasValue ? row.Value : null;
        });

    private static T Parse<T>(TableEntity row)
        where T : class =>
        JsonSerializer.Deserialize<T>(row.ReadChunks(), StoredJson.Options)!;

    private static TableEntity Row<T>(TrackingKey key, T document)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(document, StoredJson.Options);
        if (json.Length > ChunkedProperties.MaxBytes)
        {
            throw new ServiceException(ErrorCode.PayloadTooLarge,
                $"With this change, {key.What} would have {json.Length:N0} bytes of parameters, metrics and tags; at most "
                + $"{ChunkedProperties.MaxBytes:N0} can be stored.");
        }

        var row = new TableEntity(key.Partition, key.Row);
        row.WriteChunks(json);
        return row;
    }
}
