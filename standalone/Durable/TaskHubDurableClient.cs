using DurableTask.AzureStorage;
using DurableTask.Core;
using DurableTask.Core.History;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using CoreQuery = DurableTask.Core.Query.OrchestrationQuery;
using CoreQueryResult = DurableTask.Core.Query.OrchestrationQueryResult;

namespace Modeldrop.Standalone.Durable;

/// <summary>The durable client of functions, over the engine's own store.</summary>
internal sealed class TaskHubDurableClient(AzureStorageOrchestrationService service, DataConverter converter, TimeProvider clock)
    : DurableTaskClient(nameof(TaskHubDurableClient))
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName,
        object? input = null,
        StartOrchestrationOptions? options = null,
        CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var instance = new OrchestrationInstance
        {
            InstanceId = options?.InstanceId ?? Guid.NewGuid().ToString("N"),
            ExecutionId = Guid.NewGuid().ToString("N"),
        };
        var started = new ExecutionStartedEvent(-1, converter.Serialize(input))
        {
            Name = orchestratorName.Name,
            Version = "",
            OrchestrationInstance = instance,
            ScheduledStartTime = options?.StartAt?.UtcDateTime,
        };

        // Without statuses, the engine would replace an instance with the same id, even a running one.
        OrchestrationStatus[] taken = options?.DedupeStatuses is { Count: > 0 } statuses
            ? [.. statuses.Select(Enum.Parse<OrchestrationStatus>)]
            : [OrchestrationStatus.Pending, OrchestrationStatus.Running, OrchestrationStatus.Suspended];
        await service.CreateTaskOrchestrationAsync(new TaskMessage { OrchestrationInstance = instance, Event = started }, taken);
        return instance.InstanceId;
    }

    public override async Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        IList<OrchestrationState?> states = await service.GetOrchestrationStateAsync(
            instanceId, allExecutions: false, fetchInput: getInputsAndOutputs);
        return states is [{ } state, ..] ? ToMetadata(state, getInputsAndOutputs) : null;
    }

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null)
    {
        filter ??= new OrchestrationQuery();
        return Pageable.Create(async (continuation, pageSize, cancellation) =>
        {
            CoreQueryResult result = await service.GetOrchestrationWithQueryAsync(
                new CoreQuery
                {
                    RuntimeStatus = filter.Statuses?.Select(status => Enum.Parse<OrchestrationStatus>(status.ToString())).ToList(),
                    CreatedTimeFrom = filter.CreatedFrom?.UtcDateTime,
                    CreatedTimeTo = filter.CreatedTo?.UtcDateTime,
                    InstanceIdPrefix = filter.InstanceIdPrefix,
                    FetchInputsAndOutputs = filter.FetchInputsAndOutputs,
                    PageSize = pageSize ?? filter.PageSize,
                    ContinuationToken = continuation ?? filter.ContinuationToken,
                },
                cancellation);
            return new Page<OrchestrationMetadata>(
                [.. result.OrchestrationState.Select(state => ToMetadata(state, filter.FetchInputsAndOutputs))], result.ContinuationToken);
        });
    }

    public override Task RaiseEventAsync(
        string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new EventRaisedEvent(-1, converter.Serialize(eventPayload)) { Name = eventName }, cancellation);

    public override Task TerminateInstanceAsync(
        string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionTerminatedEvent(-1, converter.Serialize(options?.Output)), cancellation);

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionSuspendedEvent(-1, reason), cancellation);

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionResumedEvent(-1, reason), cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, getInputsAndOutputs, found => found.RuntimeStatus != OrchestrationRuntimeStatus.Pending, cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, getInputsAndOutputs, found => found.IsCompleted, cancellation);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task SendAsync(string instanceId, HistoryEvent sent, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var to = new OrchestrationInstance { InstanceId = instanceId };
        return service.SendTaskOrchestrationMessageAsync(new TaskMessage { OrchestrationInstance = to, Event = sent });
    }

    private async Task<OrchestrationMetadata> WaitAsync(
        string instanceId, bool getInputsAndOutputs, Func<OrchestrationMetadata, bool> condition, CancellationToken cancellation)
    {
        while (true)
        {
            OrchestrationMetadata found = await GetInstancesAsync(instanceId, getInputsAndOutputs, cancellation)
                ?? throw new InvalidOperationException($"There is no orchestration '{instanceId}'.");
            if (condition(found))
            {
                return found;
            }

            await Task.Delay(PollInterval, clock, cancellation);
        }
    }

    private OrchestrationMetadata ToMetadata(OrchestrationState state, bool withPayloads) => new(
        state.Name, state.OrchestrationInstance.InstanceId)
    {
        DataConverter = withPayloads ? converter : null,
        RuntimeStatus = Enum.Parse<OrchestrationRuntimeStatus>(state.OrchestrationStatus.ToString()),
        CreatedAt = DateTime.SpecifyKind(state.CreatedTime, DateTimeKind.Utc),
        LastUpdatedAt = DateTime.SpecifyKind(state.LastUpdatedTime, DateTimeKind.Utc),
        SerializedInput = withPayloads ? state.Input : null,
        SerializedOutput = withPayloads ? state.Output : null,
        SerializedCustomStatus = withPayloads ? state.Status : null,

        // The engine stores a failure's message as the output.
        FailureDetails = state.OrchestrationStatus == OrchestrationStatus.Failed
            ? new TaskFailureDetails(
                nameof(TaskFailedException), state.Output ?? "", StackTrace: null, InnerFailure: null, Properties: null)
            : null,
    };
}
