using Modeldrop.Lifecycle;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle;

/// <summary>The queue of workflows per model, as activities.</summary>
public sealed class WorkflowActivities(WorkflowQueue queue, DeadWorkflows dead, RegistrationService registration)
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
                if (input.IsDrop && await registration.SupersedesAsync(input.Operation, cancellationToken))
                {
                    // A repetition sends the event again, which changes nothing.
                    const string Reason = "A new drop has arrived, and its manifest says that it does not wait.";
                    var signal = new RolloutSignal(RolloutSignalKind.Supersede, input.Operation, Reason);
                    await client.RaiseEventAsync(first, RolloutSignal.EventName, signal, cancellationToken);
                }

                return false;
            }

            await dead.RemoveAsync(model, first, cancellationToken);
        }

        return true;
    }

    /// <returns>The operation whose turn it is now; null when none waits. Idempotent.</returns>
    [Function(nameof(LeaveWorkflow))]
    public Task<string?> LeaveWorkflow([ActivityTrigger] WorkflowInput input, FunctionContext context) =>
        queue.LeaveAsync(ModelName.Parse(input.Model), input.Operation, context.CancellationToken);
}
