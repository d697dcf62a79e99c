using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>Cleans up after operations that were terminated, or that failed before they could do so themselves.</summary>
public sealed class DeadWorkflows(WorkflowQueue queue, WorkSlots slots, RegistryService registry)
{
    /// <summary>
    /// Returns the traffic of the operation's rollout to the champion, removes the operation from the model's queue and from the slots, and
    /// wakes the operations whose turn it is now.
    /// </summary>
    /// <remarks>Safe to repeat.</remarks>
    public async Task RemoveAsync(ModelName model, OperationId operation, IOperations operations, CancellationToken cancellationToken)
    {
        ModelHead? head = await registry.FindAsync(model, cancellationToken);
        if (head?.Split is { } split && split.Operation == operation)
        {
            var actor = new Actor(Actor.System.Name, $"Operation {operation} has ended without ending its rollout.", operation);
            await registry.ShiftTrafficAsync(new VersionName(model, split.Version), percent: 0, actor, cancellationToken);
        }

        await operations.WakeAsync(
            [
                .. await queue.LeaveAsync(model, operation, cancellationToken),
                .. await slots.LeaveAsync(SlotPool.Registration, operation, cancellationToken),
                .. await slots.LeaveAsync(SlotPool.Batch, operation, cancellationToken),
            ],
            cancellationToken);
    }
}
