using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>Waiting lists, one row each in the table <c>Workflows</c>, changed by compare and swap. An empty list has no row.</summary>
/// <remarks>
/// Thread-safe. Throws <see cref="ErrorCode.StoreUnavailable"/>, and when many processes compete <see cref="ErrorCode.RegistryConflict"/>.
/// </remarks>
/// <param name="noun">What messages call the lists: <c>the workflow queue</c>.</param>
internal sealed class StoredLine<T>(StorageAccount account, string partition, string noun)
{
    private const int MaxAttempts = 50;

    private readonly TableClient _table = account.Table(TableNames.Workflows);
    private readonly StoreTurns _turns = new();

    /// <param name="change">A pure function. If it returns the same list, nothing is written.</param>
    public Task<(IReadOnlyList<T> Before, IReadOnlyList<T> After)> ChangeAsync(
        string key, Func<IReadOnlyList<T>, IReadOnlyList<T>> change, CancellationToken cancellationToken) =>
        _turns.RunAsync(key, () => ChangeInTurnAsync(key, change, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<T>> ReadAsync(string key, CancellationToken cancellationToken)
    {
        (IReadOnlyList<T> line, _) = await FindAsync(key, cancellationToken);
        return line;
    }

    /// <summary>All lists that are not empty, by key.</summary>
    public Task<IReadOnlyList<(string Key, IReadOnlyList<T> Line)>> ListAsync(CancellationToken cancellationToken) =>
        StoreCall.RunAsync<IReadOnlyList<(string, IReadOnlyList<T>)>>(noun, async () =>
            await _table.QueryAsync<TableEntity>(
                TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), cancellationToken: cancellationToken)
                .Select(row => (row.RowKey, (IReadOnlyList<T>)Read(row)))
                .ToListAsync(cancellationToken));

    private async Task<(IReadOnlyList<T> Before, IReadOnlyList<T> After)> ChangeInTurnAsync(
        string key, Func<IReadOnlyList<T>, IReadOnlyList<T>> change, CancellationToken cancellationToken)
    {
        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            (IReadOnlyList<T> before, ETag? etag) = await FindAsync(key, cancellationToken);
            IReadOnlyList<T> after = change(before);
            if (after.SequenceEqual(before) || await TryWriteAsync(key, after, etag, cancellationToken))
            {
                return (before, after);
            }

            await StoreBackOff.WaitAsync(attempt, cancellationToken);
        }

        throw new ServiceException(ErrorCode.RegistryConflict, $"Others changed {noun} of '{key}' at the same time; try again.");
    }

    private Task<(IReadOnlyList<T> Line, ETag? ETag)> FindAsync(string key, CancellationToken cancellationToken) =>
        StoreCall.RunAsync<(IReadOnlyList<T>, ETag?)>($"{noun} of '{key}'", async () =>
        {
            NullableResponse<TableEntity> row = await _table.GetEntityIfExistsAsync<TableEntity>(
                partition, key, cancellationToken: cancellationToken);
            return row.HasValue ? (Read(row.Value!), row.Value!.ETag) : ([], null);
        });

    private Task<bool> TryWriteAsync(string key, IReadOnlyList<T> line, ETag? etag, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"{noun} of '{key}'", async () =>
        {
            var row = new TableEntity(partition, key);
            row.WriteChunks(JsonSerializer.SerializeToUtf8Bytes(line, StoredJson.Options));
            try
            {
                _ = etag is not { } match ? await _table.AddEntityAsync(row, cancellationToken)
                    : line.Count > 0 ? await _table.UpdateEntityAsync(row, match, TableUpdateMode.Replace, cancellationToken)
                    : await _table.DeleteEntityAsync(partition, key, match, cancellationToken);
                return true;
            }
            catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
            {
                return false;
            }
        });

    private static List<T> Read(TableEntity row) => JsonSerializer.Deserialize<List<T>>(row.ReadChunks(), StoredJson.Options)!;
}
