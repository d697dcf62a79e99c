using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Rollouts;

/// <summary>Moves the champion back at once. It waits for no other workflow, because its one write is conditional.</summary>
public static class RollBackOrchestration
{
    [Function(nameof(RollBackOrchestration))]
    public static async Task<OperationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, RollBackInput input)
    {
        var progress = new ProgressReporter(context);
        progress.Begin("rolling back", input.Reason);
        var move = new RollBackVersionInput(OperationId.Parse(context.InstanceId), input);
        MoveResult result = await context.CallActivityAsync<MoveResult>(
            nameof(RollBackActivities.RollBackChampion), move, ActivityOptions.Default);
        progress.Begin("done", $"champion is version {result.To}");
        return new OperationResult(result.Moved ? OperationOutcome.Done : OperationOutcome.Unchanged, result.To, []);
    }
}
