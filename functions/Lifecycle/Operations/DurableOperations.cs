using Modeldrop.Functions.Exchange;
using Modeldrop.Functions.Lifecycle.Batch;
using Modeldrop.Functions.Lifecycle.Registration;
using Modeldrop.Functions.Lifecycle.Rollouts;
using Modeldrop.Functions.Lifecycle.Shadow;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Implements the operations with the engine's client.</summary>
internal sealed class DurableOperations(DurableTaskClient client) : IOperations
{
    private static readonly OrchestrationRuntimeStatus[] AnyStatus = [.. StartOrchestrationOptionsExtensions.ValidDedupeStatuses];

    public async Task StartAsync(OperationId id, object input, CancellationToken cancellationToken)
    {
        string name = id.ToString();
        if (await client.GetInstanceAsync(name, cancellationToken) is not null)
        {
            return;
        }

        try
        {
            await ScheduleAsync(id, input, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Two callers announce the same file at once: the programs throw different exceptions for an id that is in use.
            if (await client.GetInstanceAsync(name, cancellationToken) is null)
            {
                throw;
            }
        }
    }

    /// <summary>Starts an operation that a caller has requested. Its id is new, so nothing is looked up.</summary>
    /// <returns>The operation's id.</returns>
    public async Task<OperationId> StartNewAsync(
        ModelName model, OperationKind kind, object input, CancellationToken cancellationToken)
    {
        OperationId id = OperationId.New(model, kind, Guid.NewGuid());
        await ScheduleAsync(id, input, cancellationToken);
        return id;
    }

    public async Task<bool> IsRunningAsync(OperationId id, CancellationToken cancellationToken) =>
        await client.GetInstanceAsync(id.ToString(), cancellationToken) is { IsCompleted: false };

    public Task SignalAsync(OperationId id, string name, object payload, CancellationToken cancellationToken) =>
        client.RaiseEventAsync(id.ToString(), name, payload, cancellationToken);

    // Without dedupe statuses, the engine replaces an instance with the same id, even a running one.
    private Task<string> ScheduleAsync(OperationId id, object input, CancellationToken cancellationToken) =>
        client.ScheduleNewOrchestrationInstanceAsync(
            OrchestrationOf(id.Kind), input, new StartOrchestrationOptions(InstanceId: id.ToString()).WithDedupeStatuses(AnyStatus),
            cancellationToken);

    private static string OrchestrationOf(OperationKind kind) => kind switch
    {
        OperationKind.Register => nameof(RegisterOrchestration),
        OperationKind.Promote => nameof(PromoteOrchestration),
        OperationKind.RollBack => nameof(RollBackOrchestration),
        OperationKind.Shadow => nameof(ShadowOrchestration),
        OperationKind.Batch => nameof(BatchOrchestration),
        OperationKind.Push => nameof(PushOrchestration),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No orchestration belongs to this kind."),
    };
}
