using Modeldrop.Functions.Lifecycle.Promote;
using Modeldrop.Functions.Lifecycle.Validate;
using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle.Register;

/// <summary>The first form, for registrations that began with it: all traffic moves at once. New ones are <see cref="RegisterOrchestrationV2"/>.</summary>
public static class RegisterOrchestration
{
    [Function(nameof(RegisterOrchestration))]
    public static Task<OperationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, RegisterInput input)
    {
        var flow = new RegisterFlow(
            context,
            (version, options) => context.CallSubOrchestratorAsync<ValidationResult>(nameof(ValidateOrchestration), version, options),
            async (version, options) =>
            {
                PromotionDecision decision = await context.CallSubOrchestratorAsync<PromotionDecision>(nameof(RolloutOrchestration), version, options);
                return new RolloutResult(OperationOutcome.Done, decision.Promote, decision.Explanation);
            },
            announce: null);
        return flow.RunAsync(input);
    }
}
