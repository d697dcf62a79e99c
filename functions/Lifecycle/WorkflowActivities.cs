using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Queues;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle;

/// <summary>The queue of workflows per model and the line for slots, as activities.</summary>
public sealed class WorkflowActivities(WorkflowQueue queue, WorkSlots slots, DeadWorkflows dead, RegistrationService registration)
{
    /// <returns>Whether the operation may work on the model now. Idempotent: it keeps its place.</returns>
    [Function(nameof(EnterWorkflow))]
    public async Task<bool> EnterWorkflow(
        [ActivityTrigger] WorkflowInput input, [DurableClient] DurableTaskClient client, FunctionContext context)
    {
        CancellationToken cancellationToken = context.CancellationToken;
        ModelName model = ModelName.Parse(input.Model);
        while (!await queue.EnterAsync(model, input.Operation, cancellationToken))
        {
            // The operation in front may have been ended by a person, or have failed before it could leave.
            string first = (await queue.ListAsync(model, cancellationToken))[0];
            OrchestrationMetadata? owner = await client.GetInstanceAsync(first, cancellationToken);
            if (owner is { IsCompleted: false })
            {
                if (input.IsDrop && await registration.SupersedesAsync(input.Operation, first, cancellationToken))
                {
                    // A repetition sends the event again, which changes nothing.
                    const string Reason = "A new drop has arrived, and its manifest says that it does not wait.";
                    var signal = new RolloutSignal(RolloutSignalKind.Supersede, input.Operation, Reason);
                    await client.RaiseEventAsync(first, RolloutSignal.EventName, signal, cancellationToken);
                }

                return false;
            }

            await WorkflowTurn.WakeAsync(client, await dead.RemoveAsync(model, first, cancellationToken), cancellationToken);
        }

        return true;
    }

    /// <returns>The operation whose turn it is now; null when none waits. Idempotent.</returns>
    [Function(nameof(LeaveWorkflow))]
    public Task<string?> LeaveWorkflow([ActivityTrigger] WorkflowInput input, FunctionContext context) =>
        queue.LeaveAsync(ModelName.Parse(input.Model), input.Operation, context.CancellationToken);

    /// <returns>Whether the operation has a slot now. Idempotent: it keeps its place.</returns>
    [Function(nameof(EnterSlot))]
    public async Task<SlotTurn> EnterSlot(
        [ActivityTrigger] SlotInput input, [DurableClient] DurableTaskClient client, FunctionContext context)
    {
        CancellationToken cancellationToken = context.CancellationToken;
        while (true)
        {
            SlotTurn turn = await slots.EnterAsync(input.Pool, input.Operation, input.Since, cancellationToken);
            if (turn.Works || !await RemoveDeadAsync(input.Pool, client, cancellationToken))
            {
                return turn;
            }
        }
    }

    /// <returns>The operations that have a slot now, to be woken. Idempotent.</returns>
    [Function(nameof(LeaveSlot))]
    public Task<IReadOnlyList<string>> LeaveSlot([ActivityTrigger] SlotInput input, FunctionContext context) =>
        slots.LeaveAsync(input.Pool, input.Operation, context.CancellationToken);

    /// <summary>An operation that has a slot may have been ended by a person, or have failed before it could leave.</summary>
    /// <returns>Whether there was one.</returns>
    private async Task<bool> RemoveDeadAsync(SlotPool pool, DurableTaskClient client, CancellationToken cancellationToken)
    {
        bool removed = false;
        foreach (SlotEntry entry in (await slots.ListAsync(pool, cancellationToken)).Where(entry => entry.Works))
        {
            if (await client.GetInstanceAsync(entry.Operation, cancellationToken) is not { IsCompleted: false })
            {
                await WorkflowTurn.WakeAsync(client, await slots.LeaveAsync(pool, entry.Operation, cancellationToken), cancellationToken);
                removed = true;
            }
        }

        return removed;
    }
}
