using Modeldrop.Functions.Lifecycle.Rollout;
using Modeldrop.Functions.Lifecycle.Validate;
using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle.Register;

/// <summary>Makes a version of a drop, validates it and, if its policy says so, rolls it out step by step.</summary>
public static class RegisterOrchestrationV2
{
    [Function(nameof(RegisterOrchestrationV2))]
    public static Task<OperationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, RegisterInput input)
    {
        var flow = new RegisterFlow(
            context,
            (version, options) => context.CallSubOrchestratorAsync<ValidationResult>(nameof(ValidateOrchestrationV2), version, options),
            (version, options) => context.CallSubOrchestratorAsync<RolloutResult>(
                nameof(RolloutOrchestrationV2), new RolloutRequest(version.Operation, version.Model, version.Version, version.Actor, null, null), options),
            drop => context.CallActivityAsync(nameof(RolloutActivities.SupersedeRollout), drop, ActivityOptions.Default));
        return flow.RunAsync(input);
    }
}
