using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle.Rollout;

/// <summary>Brings a validated version to the champion's place: approval, a growing share of the traffic, a gate at each step. Runs within a workflow that has its turn.</summary>
public static class RolloutOrchestrationV2
{
    [Function(nameof(RolloutOrchestrationV2))]
    public static Task<RolloutResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, RolloutRequest input) =>
        new RolloutRun(context, input).RunAsync();
}
