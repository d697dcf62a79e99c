using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>The queue of workflows of each model and the line for slots, as activities.</summary>
public sealed class WorkflowActivities(WorkflowEntry entry, WorkflowQueue queue, WorkSlots slots)
{
    /// <returns>Whether the operation may work on the model now. Idempotent: it keeps its place.</returns>
    [Function(nameof(EnterWorkflow))]
    public Task<bool> EnterWorkflow(
        [ActivityTrigger] WorkflowInput input, [DurableClient] DurableTaskClient client, FunctionContext context) =>
        entry.EnterAsync(input, new DurableOperations(client), context.CancellationToken);

    /// <returns>The operation to wake, whose turn it is now; empty if none waits. Idempotent.</returns>
    [Function(nameof(LeaveWorkflow))]
    public Task<IReadOnlyList<OperationId>> LeaveWorkflow([ActivityTrigger] WorkflowInput input, FunctionContext context) =>
        queue.LeaveAsync(input.Model, input.Operation, context.CancellationToken);

    /// <returns>Whether the operation has a slot now. Idempotent: it keeps its place.</returns>
    [Function(nameof(EnterSlot))]
    public async Task<SlotTurn> EnterSlot(
        [ActivityTrigger] SlotInput input, [DurableClient] DurableTaskClient client, FunctionContext context)
    {
        CancellationToken cancellationToken = context.CancellationToken;
        while (true)
        {
            SlotTurn turn = await slots.EnterAsync(input.Pool, input.Operation, input.Since, cancellationToken);
            if (turn.Works || !await entry.RemoveDeadAsync(input.Pool, new DurableOperations(client), cancellationToken))
            {
                return turn;
            }
        }
    }

    /// <returns>The operations to wake, which have a slot now. Idempotent.</returns>
    [Function(nameof(LeaveSlot))]
    public Task<IReadOnlyList<OperationId>> LeaveSlot([ActivityTrigger] SlotInput input, FunctionContext context) =>
        slots.LeaveAsync(input.Pool, input.Operation, context.CancellationToken);
}
