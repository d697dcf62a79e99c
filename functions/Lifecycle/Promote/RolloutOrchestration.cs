using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle.Promote;

/// <summary>What follows a validation: the policy decides, and the champion moves. Runs within a workflow that has its turn.</summary>
public static class RolloutOrchestration
{
    [Function(nameof(RolloutOrchestration))]
    public static async Task<PromotionDecision> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, VersionInput input)
    {
        var progress = new ProgressReporter(context);
        progress.Begin("deciding", $"version {input.Version}");
        PromotionDecision decision = await context.CallActivityAsync<PromotionDecision>(nameof(PromoteActivities.DecidePromotion), input, ActivityOptions.Default);
        if (decision.Promote)
        {
            await context.CallActivityAsync<MoveResult>(nameof(PromoteActivities.MoveChampion), input, ActivityOptions.Default);
        }

        progress.Begin(decision.Promote ? "champion" : "waiting", decision.Explanation);
        return decision;
    }
}
