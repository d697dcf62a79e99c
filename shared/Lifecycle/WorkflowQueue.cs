using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle;

/// <summary>Lets the workflows of one model run one after the other, in the order in which they came: a row a model, its operations in a list.</summary>
/// <remarks>
/// Thread-safe, and every method may be repeated. The operation at the front works; the others wait until the one that leaves wakes
/// them. An operation that dies stays in the list: <see cref="DeadWorkflows"/> removes it.
/// Throws <see cref="ErrorCode.StoreUnavailable"/>, and under a crowd of writers <see cref="ErrorCode.RegistryConflict"/>.
/// </remarks>
public sealed class WorkflowQueue(StorageAccount account)
{
    private const string Partition = "workflow";
    private const int MaxAttempts = 50;

    private readonly TableClient _table = account.Table(TableNames.Workflows);

    /// <summary>Puts the operation at the end, unless it is in the queue already.</summary>
    /// <returns>Whether it is at the front: its turn.</returns>
    public async Task<bool> EnterAsync(ModelName model, string operation, CancellationToken cancellationToken)
    {
        (_, IReadOnlyList<string> after) = await ChangeAsync(
            model.Value, queue => queue.Contains(operation) ? queue : [.. queue, operation], cancellationToken);
        return after[0] == operation;
    }

    /// <summary>Takes the operation out of the queue.</summary>
    /// <returns>
    /// The operation whose turn it is now, to be woken; null when there is none, or when the one that left was still waiting. A repeated call
    /// names the front once more, so waking must be harmless to one that works already.
    /// </returns>
    public async Task<string?> LeaveAsync(ModelName model, string operation, CancellationToken cancellationToken)
    {
        (IReadOnlyList<string> before, IReadOnlyList<string> after) = await ChangeAsync(
            model.Value, queue => [.. queue.Where(other => other != operation)], cancellationToken);
        bool waited = before.Skip(1).Contains(operation);
        return waited || after.Count == 0 ? null : after[0];
    }

    /// <summary>The operations of a model in their order; the first one works.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(ModelName model, CancellationToken cancellationToken)
    {
        (IReadOnlyList<string> queue, _) = await ReadAsync(model.Value, cancellationToken);
        return queue;
    }

    /// <summary>The queues of all models that have one, by model.</summary>
    public Task<IReadOnlyList<(string Model, IReadOnlyList<string> Operations)>> ListAllAsync(CancellationToken cancellationToken) =>
        StoreCall.RunAsync<IReadOnlyList<(string, IReadOnlyList<string>)>>("the workflow queues", async () =>
            await _table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {Partition}"), cancellationToken: cancellationToken)
                .Select(row => (row.RowKey, (IReadOnlyList<string>)Read(row)))
                .ToListAsync(cancellationToken));

    private async Task<(IReadOnlyList<string> Before, IReadOnlyList<string> After)> ChangeAsync(
        string model, Func<IReadOnlyList<string>, IReadOnlyList<string>> change, CancellationToken cancellationToken)
    {
        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            (IReadOnlyList<string> before, ETag? etag) = await ReadAsync(model, cancellationToken);
            IReadOnlyList<string> after = change(before);
            if (after.SequenceEqual(before) || await TryWriteAsync(model, after, etag, cancellationToken))
            {
                return (before, after);
            }

            await StoreBackOff.WaitAsync(attempt, cancellationToken);
        }

        throw new ServiceException(ErrorCode.RegistryConflict, $"Others changed the workflow queue of '{model}' at the same moment; repeat.");
    }

    private Task<(IReadOnlyList<string> Queue, ETag? ETag)> ReadAsync(string model, CancellationToken cancellationToken) =>
        StoreCall.RunAsync<(IReadOnlyList<string>, ETag?)>($"the workflow queue of '{model}'", async () =>
        {
            NullableResponse<TableEntity> row = await _table.GetEntityIfExistsAsync<TableEntity>(Partition, model, cancellationToken: cancellationToken);
            return row.HasValue ? (Read(row.Value!), row.Value!.ETag) : ([], null);
        });

    private Task<bool> TryWriteAsync(string model, IReadOnlyList<string> queue, ETag? etag, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"the workflow queue of '{model}'", async () =>
        {
            var row = new TableEntity(Partition, model);
            row.WriteChunks(JsonSerializer.SerializeToUtf8Bytes(queue, StoredJson.Options));
            try
            {
                _ = etag is not { } match ? await _table.AddEntityAsync(row, cancellationToken)
                    : queue.Count > 0 ? await _table.UpdateEntityAsync(row, match, TableUpdateMode.Replace, cancellationToken)
                    : await _table.DeleteEntityAsync(Partition, model, match, cancellationToken);
                return true;
            }
            catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
            {
                return false;
            }
        });

    private static List<string> Read(TableEntity row) => JsonSerializer.Deserialize<List<string>>(row.ReadChunks(), StoredJson.Options)!;
}
