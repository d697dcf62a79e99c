using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Enters operations into the queue of their model, and removes dead ones from it and from the line for slots.</summary>
public sealed class WorkflowEntry(WorkflowQueue queue, WorkSlots slots, DeadWorkflows dead, RegistrationService registration)
{
    /// <returns>Whether the operation may work on the model now. Idempotent: it keeps its place.</returns>
    public async Task<bool> EnterAsync(WorkflowInput input, IOperations operations, CancellationToken cancellationToken)
    {
        ModelName model = input.Model;
        while (!await queue.EnterAsync(model, input.Operation, cancellationToken))
        {
            // A person may have ended the operation in front, or it may have failed before it could leave.
            OperationId first = (await queue.ListAsync(model, cancellationToken))[0];
            if (await operations.IsRunningAsync(first, cancellationToken))
            {
                if (input.IsDrop && await registration.SupersedesAsync(input.Operation, first, cancellationToken))
                {
                    // A repetition sends the event again, which changes nothing.
                    const string Reason = "A new drop has arrived, and its manifest says that it does not wait.";
                    var signal = new RolloutSignal(RolloutSignalKind.Supersede, input.Operation.ToString(), Reason);
                    await operations.SignalAsync(first, RolloutSignal.EventName, signal, cancellationToken);
                }

                return false;
            }

            await dead.RemoveAsync(model, first, operations, cancellationToken);
        }

        return true;
    }

    /// <summary>
    /// Removes dead operations with a slot: a person may have ended them, or they may have failed before they could leave.
    /// </summary>
    /// <returns>Whether one was found and removed.</returns>
    public async Task<bool> RemoveDeadAsync(SlotPool pool, IOperations operations, CancellationToken cancellationToken)
    {
        bool removed = false;
        foreach (SlotEntry entry in (await slots.ListAsync(pool, cancellationToken)).Where(entry => entry.Works))
        {
            if (!await operations.IsRunningAsync(entry.Operation, cancellationToken))
            {
                await operations.WakeAsync(await slots.LeaveAsync(pool, entry.Operation, cancellationToken), cancellationToken);
                removed = true;
            }
        }

        return removed;
    }
}
