using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle.Promote;

/// <summary>A promotion that a person asked for.</summary>
public static class PromoteOrchestration
{
    [Function(nameof(PromoteOrchestration))]
    public static async Task<OperationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, PromoteInput input)
    {
        var progress = new ProgressReporter(context);
        progress.Begin("waiting for its turn");
        await WorkflowTurn.EnterAsync(context, input.Model);
        try
        {
            progress.Begin("promoting", $"version {input.Version}");
            var move = new PromoteVersionInput(context.InstanceId, input);
            MoveResult result = await context.CallActivityAsync<MoveResult>(nameof(PromoteActivities.PromoteVersion), move, ActivityOptions.Default);
            progress.Begin("done", result.Moved ? $"champion is version {result.To}" : $"version {result.To} was champion already");
            return new OperationResult(result.Moved ? OperationOutcome.Done : OperationOutcome.Unchanged, result.To, []);
        }
        finally
        {
            await WorkflowTurn.LeaveAsync(context, input.Model);
        }
    }
}
