using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Rollouts;

/// <summary>A promotion requested by a person, with the steps of the request or of the version's manifest.</summary>
public static class PromoteOrchestration
{
    [Function(nameof(PromoteOrchestration))]
    public static async Task<OperationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, PromoteInput input)
    {
        var progress = new ProgressReporter(context);
        progress.Begin("waiting for its turn");
        var operation = OperationId.Parse(context.InstanceId);
        var turn = new WorkflowTurn(context, operation);
        await turn.EnterAsync(input.Model, isDrop: false);
        try
        {
            var request = new RolloutRequest(operation, input.Model, input.Version, input.Actor, input.Reason, input.Overrides);
            RolloutResult result = await new RolloutRun(context, progress, request).RunAsync();
            return new OperationResult(
                result.Outcome, input.Version, result.Outcome == OperationOutcome.Done ? [] : [result.Explanation]);
        }
        finally
        {
            await turn.LeaveAsync(input.Model);
        }
    }
}
