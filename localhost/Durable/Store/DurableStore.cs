using Azure;
using Azure.Data.Tables;
using Modeldrop.LocalHost.Durable.Replay;

namespace Modeldrop.LocalHost.Durable.Store;

/// <summary>A message that waits in an instance's inbox.</summary>
internal sealed record InboxMessage(string RowKey, string? BlobName, HistoryEvent Event)
{
    public DateTimeOffset SentAt => RowKeys.MessageTime(RowKey);
}

/// <summary>All that is stored of an instance. <paramref name="Inbox"/> is in the order in which it is to be taken.</summary>
/// <param name="History">Empty when the instance is done: nobody needs it then.</param>
/// <param name="HasLeftovers">Whether rows of earlier generations are still there.</param>
internal sealed record StoredInstance(InstanceRow Row, IReadOnlyList<HistoryEvent> History, IReadOnlyList<InboxMessage> Inbox, bool HasLeftovers);

/// <summary>How the start of an instance went.</summary>
internal enum StartOutcome
{
    /// <summary>It exists now, by this start or by the same start made before.</summary>
    Started,

    /// <summary>Another instance has the id and has not finished.</summary>
    IdInUse,
}

/// <summary>Instances, their histories and their inboxes in Table storage.</summary>
internal sealed partial class DurableStore(DurableStorage storage, TimeProvider clock)
{
    private const int MaxTransactionRows = 100;

    /// <summary>Of 4 MiB; binary properties grow by a third on the way.</summary>
    private const int MaxTransactionBytes = 2_600_000;

    /// <summary>A finished instance is about to send its last messages: its id is free in a moment.</summary>
    private static readonly TimeSpan FinishingPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FinishingPoll = TimeSpan.FromMilliseconds(50);

    private readonly EventRows _events = new(storage);

    public Task EnsureCreatedAsync(CancellationToken cancellationToken) => storage.EnsureCreatedAsync(cancellationToken);

    public async Task<InstanceRow?> FindAsync(string instanceId, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> row =
            await storage.Instances.GetEntityIfExistsAsync<TableEntity>(instanceId, RowKeys.Instance, cancellationToken: cancellationToken);
        return row.HasValue ? InstanceRow.From(row.Value!) : null;
    }

    /// <summary>Stores a new instance, in place of a finished one if there is one. Safe to repeat with the same <see cref="InstanceRow.StartId"/>.</summary>
    public async Task<(StartOutcome Outcome, OrchestrationRuntimeStatus Status)> StartAsync(
        InstanceRow instance, ExecutionStarted started, CancellationToken cancellationToken)
    {
        long begin = clock.GetTimestamp();
        while (true)
        {
            InstanceRow? existing = await FindAsync(instance.InstanceId, cancellationToken);
            if (existing?.StartId == instance.StartId)
            {
                return (StartOutcome.Started, existing.Status);
            }

            if (existing is { IsFinished: false })
            {
                return (StartOutcome.IdInUse, existing.Status);
            }

            if (existing is { Outbox: true })
            {
                if (clock.GetElapsedTime(begin) > FinishingPatience)
                {
                    return (StartOutcome.IdInUse, existing.Status);
                }

                await Task.Delay(FinishingPoll, clock, cancellationToken);
                continue;
            }

            if (await TryStartAsync(instance, started, existing, cancellationToken))
            {
                return (StartOutcome.Started, instance.Status);
            }
        }
    }

    /// <summary>Puts a message into an instance's inbox. Safe to repeat with the same key until it is taken; then <see cref="HistoryEvent.MessageId"/> tells.</summary>
    public async Task SendAsync(string instanceId, string rowKey, HistoryEvent message, CancellationToken cancellationToken)
    {
        EventRow row = await _events.WriteMessageAsync(instanceId, rowKey, message, cancellationToken);
        await storage.Instances.UpsertEntityAsync(row.Entity, TableUpdateMode.Replace, cancellationToken);
    }

    /// <returns>Null: there is no such instance.</returns>
    public async Task<StoredInstance?> LoadAsync(string instanceId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var rows = new List<TableEntity>();
            await foreach (TableEntity row in storage.Instances.QueryAsync<TableEntity>(
                TableClient.CreateQueryFilter($"PartitionKey eq {instanceId}"), cancellationToken: cancellationToken))
            {
                rows.Add(row);
            }

            if (rows.Find(row => row.RowKey == RowKeys.Instance) is not { } instanceRow)
            {
                return null;
            }

            InstanceRow instance = InstanceRow.From(instanceRow);
            List<TableEntity> history = rows.FindAll(row => RowKeys.HistoryNumber(row.RowKey, instance.Execution) < instance.HistoryLength);

            // The pages of a query are no snapshot: if somebody else has just committed, the row knows more events than we have read.
            if (history.Count == instance.HistoryLength)
            {
                return new StoredInstance(
                    instance,
                    instance.IsDone ? [] : await Task.WhenAll(history.Select(row => _events.ReadAsync(row, cancellationToken))),
                    await ReadMessagesAsync(rows, cancellationToken),
                    rows.Exists(row => IsOfAnotherRun(row.RowKey, instance)));
            }
        }
    }

    public async Task<IReadOnlyList<InboxMessage>> ReadInboxAsync(string instanceId, CancellationToken cancellationToken)
    {
        var rows = new List<TableEntity>();
        await foreach (TableEntity row in storage.Instances.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {instanceId} and RowKey ge {RowKeys.FirstMessage} and RowKey lt {RowKeys.AfterMessages}"),
            cancellationToken: cancellationToken))
        {
            rows.Add(row);
        }

        return await ReadMessagesAsync(rows, cancellationToken);
    }

    /// <summary>An event of the instance's history; null when it is there no more.</summary>
    public async Task<HistoryEvent?> FindEventAsync(InstanceRow instance, int number, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> row = await storage.Instances.GetEntityIfExistsAsync<TableEntity>(
            instance.InstanceId, RowKeys.History(instance.Execution, number), cancellationToken: cancellationToken);
        try
        {
            return row.HasValue ? await _events.ReadAsync(row.Value!, cancellationToken) : null;
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            // Purged, or continued as new, between the row and its blob.
            return null;
        }
    }

    /// <summary>Changes the instance's row only, if nobody else has.</summary>
    /// <exception cref="RequestFailedException">412: somebody else has.</exception>
    public async Task<InstanceRow> UpdateAsync(InstanceRow instance, CancellationToken cancellationToken)
    {
        Response response = await storage.Instances.UpdateEntityAsync(instance.ToEntity(), instance.ETag, TableUpdateMode.Replace, cancellationToken);
        return instance with { ETag = response.Headers.ETag.GetValueOrDefault() };
    }

    /// <summary>
    /// Appends events and replaces the instance's row in one step: before the last transaction nothing has happened, after it all has.
    /// Every transaction changes the row under its ETag, so that a host that has been replaced cannot write a single event.
    /// </summary>
    /// <param name="instance">The new row, with the ETag of the old one; its history length includes the new events.</param>
    /// <param name="events">The last events of the history.</param>
    /// <param name="taken">Messages that have become events; deleted in the same step as far as they fit.</param>
    /// <exception cref="RequestFailedException">412: somebody else has advanced the instance.</exception>
    public async Task<InstanceRow> CommitAsync(
        InstanceRow instance, IReadOnlyList<HistoryEvent> events, IReadOnlyList<InboxMessage> taken, CancellationToken cancellationToken)
    {
        int first = instance.HistoryLength - events.Count;
        EventRow[] rows = await Task.WhenAll(events.Select((happened, index) => _events.WriteEventAsync(
            instance.InstanceId, instance.Execution, first + index, happened, cancellationToken)));
        instance = instance with { HasBlobs = instance.HasBlobs || rows.Any(row => row.InBlob) };

        var actions = new List<TableTransactionAction>();
        int bytes = 0;
        foreach (EventRow row in rows)
        {
            if (actions.Count == MaxTransactionRows - 1 || (actions.Count > 0 && bytes + row.Bytes > MaxTransactionBytes))
            {
                var fence = new TableEntity(instance.InstanceId, RowKeys.Instance) { [nameof(InstanceRow.Session)] = instance.Session };
                instance = instance with { ETag = await SubmitAsync(actions, fence, TableTransactionActionType.UpdateMerge, instance.ETag, cancellationToken) };
                actions.Clear();
                bytes = 0;
            }

            actions.Add(new TableTransactionAction(TableTransactionActionType.UpsertReplace, row.Entity));
            bytes += row.Bytes;
        }

        int fitting = Math.Min(taken.Count, MaxTransactionRows - 1 - actions.Count);
        actions.AddRange(taken.Take(fitting).Select(message => Delete(instance.InstanceId, message.RowKey)));
        ETag etag = await SubmitAsync(actions, instance.ToEntity(), TableTransactionActionType.UpdateReplace, instance.ETag, cancellationToken);

        // From here on only tidying: what is left over is known by its message id.
        await DeleteRowsAsync(instance.InstanceId, [.. taken.Skip(fitting).Select(message => message.RowKey)], cancellationToken);
        await DeleteBlobsAsync(taken, cancellationToken);
        return instance with { ETag = etag };
    }

    public async Task DeleteMessagesAsync(string instanceId, IReadOnlyList<InboxMessage> messages, CancellationToken cancellationToken)
    {
        await DeleteRowsAsync(instanceId, [.. messages.Select(message => message.RowKey)], cancellationToken);
        await DeleteBlobsAsync(messages, cancellationToken);
    }

    private async Task<bool> TryStartAsync(InstanceRow instance, ExecutionStarted started, InstanceRow? existing, CancellationToken cancellationToken)
    {
        EventRow row = await _events.WriteEventAsync(instance.InstanceId, instance.Execution, 0, started, cancellationToken);
        TableEntity entity = (instance with { HasBlobs = row.InBlob || existing is { HasBlobs: true } }).ToEntity();
        try
        {
            await storage.Instances.SubmitTransactionAsync(
                [
                    existing is null
                        ? new TableTransactionAction(TableTransactionActionType.Add, entity)
                        : new TableTransactionAction(TableTransactionActionType.UpdateReplace, entity, existing.ETag),
                    new TableTransactionAction(TableTransactionActionType.UpsertReplace, row.Entity),
                ],
                cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            return false;
        }
    }

    private async Task<ETag> SubmitAsync(
        List<TableTransactionAction> actions, TableEntity row, TableTransactionActionType type, ETag etag, CancellationToken cancellationToken)
    {
        actions.Add(new TableTransactionAction(type, row, etag));
        Response<IReadOnlyList<Response>> response = await storage.Instances.SubmitTransactionAsync(actions, cancellationToken);
        return response.Value[actions.Count - 1].Headers.ETag.GetValueOrDefault();
    }

    private async Task<IReadOnlyList<InboxMessage>> ReadMessagesAsync(List<TableEntity> rows, CancellationToken cancellationToken) =>
        await Task.WhenAll(rows
            .FindAll(row => row.RowKey.StartsWith(RowKeys.FirstMessage, StringComparison.Ordinal))
            .Select(async row => new InboxMessage(row.RowKey, EventRows.BlobName(row), await _events.ReadAsync(row, cancellationToken))));

    private async Task DeleteRowsAsync(string instanceId, List<string> keys, CancellationToken cancellationToken)
    {
        foreach (string[] chunk in keys.Chunk(MaxTransactionRows))
        {
            try
            {
                await storage.Instances.SubmitTransactionAsync(chunk.Select(key => Delete(instanceId, key)), cancellationToken);
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                // One of them is gone already, and its transaction with it: one by one, missing rows are no error.
                foreach (string key in chunk)
                {
                    await storage.Instances.DeleteEntityAsync(instanceId, key, ETag.All, cancellationToken);
                }
            }
        }
    }

    private async Task DeleteBlobsAsync(IReadOnlyList<InboxMessage> messages, CancellationToken cancellationToken)
    {
        foreach (InboxMessage message in messages)
        {
            await _events.DeleteBlobAsync(message.BlobName, cancellationToken);
        }
    }

    private static TableTransactionAction Delete(string instanceId, string rowKey) =>
        new(TableTransactionActionType.Delete, new TableEntity(instanceId, rowKey), ETag.All);

    private static bool IsOfAnotherRun(string rowKey, InstanceRow instance) =>
        rowKey.StartsWith(RowKeys.FirstHistory, StringComparison.Ordinal) && RowKeys.HistoryNumber(rowKey, instance.Execution) is null;
}
