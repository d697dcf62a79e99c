using Modeldrop.LocalHost.Durable.Engine;
using Modeldrop.LocalHost.Durable.Replay;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable;

/// <summary>The client of the local engine: writes to the store, wherever the leader runs, and wakes it at once if it runs here.</summary>
internal sealed class TableDurableTaskClient(
    string hubName,
    DurableStore store,
    InstanceQueries queries,
    WakeTable wakes,
    InstanceSignals signals,
    DataConverter converter,
    TimeProvider clock) : DurableTaskClient(hubName)
{
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(2);

    /// <summary>An instance that changes between its row and its history is read again; it cannot do so for ever.</summary>
    private const int MaxReads = 20;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(orchestratorName.Name, nameof(orchestratorName));
        string instanceId = options?.InstanceId ?? Guid.NewGuid().ToString("N");
        InstanceIds.Check(instanceId);
        DateTimeOffset now = clock.GetUtcNow();
        var instance = new InstanceRow
        {
            InstanceId = instanceId,
            Name = orchestratorName.Name,
            StartId = Guid.NewGuid().ToString("N"),
            Status = OrchestrationRuntimeStatus.Pending,
            CreatedAt = now,
            UpdatedAt = now,
            StartAt = options?.StartAt?.ToUniversalTime(),
        };
        var started = new ExecutionStarted(instance.Name, converter.Serialize(input), Parent: null, instance.StartAt);
        await TellAsync(instanceId, async () =>
        {
            (StartOutcome outcome, OrchestrationRuntimeStatus status) = await store.StartAsync(instance, started, cancellation);
            if (outcome == StartOutcome.IdInUse)
            {
                throw new OrchestrationAlreadyExistsException(instanceId, status);
            }
        }, cancellation);
        return instanceId;
    }

    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        return SendAsync(instanceId, new EventRaised(eventName, converter.Serialize(eventPayload)), cancellation);
    }

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionSuspended(reason), cancellation);

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionResumed(reason), cancellation);

    public override Task TerminateInstanceAsync(string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionTerminated(converter.Serialize(options?.Output), options?.Recursive ?? false), cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, metadata => metadata.RuntimeStatus != OrchestrationRuntimeStatus.Pending, getInputsAndOutputs, cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, metadata => metadata.IsCompleted, getInputsAndOutputs, cancellation);

    public override async Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        return await FindAsync(instanceId, cancellation) is { } row ? await DescribeAsync(row, getInputsAndOutputs, cancellation) : null;
    }

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) =>
        new InstancePages(filter ?? new OrchestrationQuery(), Name, queries, DescribeAsync);

    public override async Task<PurgeResult> PurgeInstanceAsync(
        string instanceId, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        InstanceRow? row = await FindAsync(instanceId, cancellation);
        return new PurgeResult(row is null ? 0 : await PurgeAsync(row, options?.Recursive ?? false, cancellation));
    }

    public override async Task<PurgeResult> PurgeAllInstancesAsync(
        PurgeInstancesFilter filter, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        int count = 0;
        IAsyncEnumerable<Page<InstanceRow>> pages = queries.ListAsync(
            null, filter.Statuses, filter.CreatedFrom, filter.CreatedTo, null, OrchestrationQuery.DefaultPageSize, cancellation);
        await foreach (Page<InstanceRow> page in pages)
        {
            foreach (InstanceRow row in page.Values)
            {
                count += await PurgeAsync(row, options?.Recursive ?? false, cancellation);
            }
        }

        return new PurgeResult(count);
    }

    /// <summary>An id that cannot be stored is the id of no instance.</summary>
    private async Task<InstanceRow?> FindAsync(string instanceId, CancellationToken cancellationToken) =>
        InstanceIds.IsValid(instanceId) ? await store.FindAsync(instanceId, cancellationToken) : null;

    private async Task SendAsync(string instanceId, HistoryEvent message, CancellationToken cancellationToken)
    {
        InstanceIds.Check(instanceId);
        string id = Guid.NewGuid().ToString("N");
        await TellAsync(
            instanceId,
            () => store.SendAsync(instanceId, RowKeys.Message(clock.GetUtcNow(), 0, id), message with { MessageId = id }, cancellationToken),
            cancellationToken);
    }

    /// <summary>Writes something that the leader is to see soon: see <see cref="WakeTable"/>.</summary>
    private async Task TellAsync(string instanceId, Func<Task> write, CancellationToken cancellationToken)
    {
        await wakes.WriteAsync(instanceId, cancellationToken);
        await write();
        if (!signals.Wake(instanceId))
        {
            // The leader may have looked between the two writes.
            await wakes.WriteAsync(instanceId, cancellationToken);
        }
    }

    private async Task<OrchestrationMetadata> WaitAsync(
        string instanceId, Func<OrchestrationMetadata, bool> condition, bool getInputsAndOutputs, CancellationToken cancellationToken)
    {
        TimeSpan wait = FirstPoll;
        while (true)
        {
            Task change = signals.NextChange(instanceId);
            OrchestrationMetadata metadata = await GetInstanceAsync(instanceId, getInputsAndOutputs, cancellationToken)
                ?? throw new InvalidOperationException($"There is no orchestration instance '{instanceId}'.");
            if (condition(metadata))
            {
                return metadata;
            }

            await change.WaitAsync(wait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            wait = wait * 1.5 < LongestPoll ? wait * 1.5 : LongestPoll;
        }
    }

    private async Task<OrchestrationMetadata?> DescribeAsync(InstanceRow row, bool getInputsAndOutputs, CancellationToken cancellationToken)
    {
        if (!getInputsAndOutputs)
        {
            return Metadata(row, null, null, withData: false);
        }

        for (int read = 0; read < MaxReads; read++)
        {
            HistoryEvent? first = await store.FindEventAsync(row, 0, cancellationToken);
            HistoryEvent? last = row.IsFinished ? await store.FindEventAsync(row, row.HistoryLength - 1, cancellationToken) : null;
            if (first is ExecutionStarted started && (!row.IsFinished || last is ExecutionCompleted))
            {
                return Metadata(row, started.Input, (last as ExecutionCompleted)?.Output, withData: true);
            }

            // Continued as new, started anew or purged since its row was read.
            if (await store.FindAsync(row.InstanceId, cancellationToken) is not { } again)
            {
                return null;
            }

            row = again;
        }

        throw new InvalidOperationException($"Orchestration '{row.InstanceId}' changes faster than it can be read.");
    }

    private OrchestrationMetadata Metadata(InstanceRow row, string? input, string? output, bool withData) => new(row.Name, row.InstanceId)
    {
        DataConverter = withData ? converter : null,
        RuntimeStatus = row.Status,
        CreatedAt = row.CreatedAt,
        LastUpdatedAt = row.UpdatedAt,
        SerializedInput = input,
        SerializedOutput = output,
        SerializedCustomStatus = withData ? row.CustomStatus : null,
        FailureDetails = row.Failure,
    };

    /// <returns>How many instances went; none, if this one has not finished.</returns>
    private async Task<int> PurgeAsync(InstanceRow row, bool recursive, CancellationToken cancellationToken)
    {
        if (!row.IsFinished || row.Outbox)
        {
            return 0;
        }

        int count = 0;
        if (recursive)
        {
            await foreach (InstanceRow child in queries.ListChildrenAsync(row.InstanceId, cancellationToken))
            {
                count += await PurgeAsync(child, recursive, cancellationToken);
            }
        }

        return await store.PurgeAsync(row, cancellationToken) ? count + 1 : count;
    }
}
