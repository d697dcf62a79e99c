using Modeldrop.Drops;
using Modeldrop.Functions.Lifecycle.Batch;
using Modeldrop.Functions.Lifecycle.Registration;
using Modeldrop.Functions.Lifecycle.Rollouts;
using Modeldrop.Functions.Lifecycle.Shadow;
using Modeldrop.Lifecycle.Batch;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Lifecycle.Shadow;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Starts durable operations under ids that say what they are.</summary>
public sealed class OperationStarter
{
    private static readonly OrchestrationRuntimeStatus[] AnyStatus = [.. StartOrchestrationOptionsExtensions.ValidDedupeStatuses];

    /// <summary>Starts the registration of a drop, once: announced again, the same blob gives the same operation.</summary>
    public async Task<string> StartRegisterAsync(DurableTaskClient client, RegisterInput input, CancellationToken cancellationToken)
    {
        ModelName? model = DropPath.Find(input.Path)?.Model;
        OperationId operation = input.Late is { } late
            ? OperationId.ForLateFile(model, input.Path, input.ETag, late.Name, late.ETag)
            : OperationId.ForDrop(model, input.Path, input.ETag);
        string id = operation.ToString();
        await ScheduleOnceAsync(client, nameof(RegisterOrchestration), input, id, cancellationToken);
        return id;
    }

    public Task<string> StartPromoteAsync(DurableTaskClient client, PromoteInput input, CancellationToken cancellationToken) =>
        ScheduleAsync(client, nameof(PromoteOrchestration), input, NewId(input.Model, OperationKind.Promote), cancellationToken);

    public Task<string> StartRollBackAsync(DurableTaskClient client, RollBackInput input, CancellationToken cancellationToken) =>
        ScheduleAsync(client, nameof(RollBackOrchestration), input, NewId(input.Model, OperationKind.RollBack), cancellationToken);

    /// <summary>Starts the roll back that follows from a report, once.</summary>
    public Task StartRollBackAsync(DurableTaskClient client, string operation, RollBackInput input, CancellationToken cancellationToken) =>
        ScheduleOnceAsync(client, nameof(RollBackOrchestration), input, operation, cancellationToken);

    public Task<string> StartShadowAsync(DurableTaskClient client, ShadowInput input, CancellationToken cancellationToken) =>
        ScheduleAsync(client, nameof(ShadowOrchestration), input, NewId(input.Model, OperationKind.Shadow), cancellationToken);

    public Task<string> StartBatchAsync(DurableTaskClient client, BatchInput input, CancellationToken cancellationToken) =>
        ScheduleAsync(client, nameof(BatchOrchestration), input, NewId(input.Model, OperationKind.Batch), cancellationToken);

    private static string NewId(ModelName model, OperationKind kind) =>
        OperationId.New(model, kind, Guid.NewGuid()).ToString();

    private static async Task ScheduleOnceAsync(
        DurableTaskClient client, string orchestrator, object input, string id, CancellationToken cancellationToken)
    {
        if (await client.GetInstanceAsync(id, cancellationToken) is not null)
        {
            return;
        }

        try
        {
            await ScheduleAsync(client, orchestrator, input, id, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Two callers announce the same at once: the programs differ in what they throw for an id that is in use.
            if (await client.GetInstanceAsync(id, cancellationToken) is null)
            {
                throw;
            }
        }
    }

    // Without statuses to dedupe on, the engine replaces an instance of the same id, even one that runs.
    private static Task<string> ScheduleAsync(
        DurableTaskClient client, string orchestrator, object input, string id, CancellationToken cancellationToken) =>
        client.ScheduleNewOrchestrationInstanceAsync(
            orchestrator, input, new StartOrchestrationOptions(InstanceId: id).WithDedupeStatuses(AnyStatus), cancellationToken);
}
