using Modeldrop.Functions.Lifecycle.Rollout;
using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle.Promote;

/// <summary>A promotion that a person asked for, by the steps of the request or of the version's manifest.</summary>
public static class PromoteOrchestrationV2
{
    [Function(nameof(PromoteOrchestrationV2))]
    public static async Task<OperationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, PromoteInputV2 input)
    {
        var progress = new ProgressReporter(context);
        progress.Begin("waiting for its turn");
        await WorkflowTurn.EnterAsync(context, input.Model);
        try
        {
            progress.Begin("promoting", $"version {input.Version}");
            var request = new RolloutRequest(context.InstanceId, input.Model, input.Version, input.Actor, input.Reason, input.Overrides);
            var asRollout = new SubOrchestrationOptions(instanceId: OperationId.Child(context.InstanceId, OperationKind.Promote));
            RolloutResult result = await context.CallSubOrchestratorAsync<RolloutResult>(nameof(RolloutOrchestrationV2), request, asRollout);
            progress.Begin("done", result.Explanation);
            return new OperationResult(result.Outcome, input.Version, result.Outcome == OperationOutcome.Done ? [] : [result.Explanation]);
        }
        finally
        {
            await WorkflowTurn.LeaveAsync(context, input.Model);
        }
    }
}
