using Modeldrop.Manifests;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Decides how a version is promoted: by its manifest, or by what a person asked for. Pure.</summary>
public static class RolloutPlanner
{
    /// <param name="overrides">Null: by the manifest alone.</param>
    /// <param name="champion">Null: the model has none yet, so there is nobody to share traffic with.</param>
    /// <param name="isOlder">Whether the version was dropped before the champion: by itself it does not take a newer one's place.</param>
    public static RolloutPlan Plan(PromotionPolicy policy, RolloutOverrides? overrides, int version, int? champion, bool isOlder)
    {
        PromotionDecision decision = overrides is null
            ? PromotionPolicyDecision.Decide(policy, version, champion, isOlder)
            : new PromotionDecision(
                true,
                champion is { } present
                    ? $"Version {version} takes the place of version {present}."
                    : $"Version {version} is the first champion.");
        bool needsSteps = decision.Promote && champion is not null && champion != version;
        IReadOnlyList<int> steps = needsSteps ? overrides?.Steps ?? policy.Steps : [100];

        // A first valid version is promoted at once under 'auto'; a champion stays one without asking.
        // Four eyes are asked for also of that one, and no request can leave them out.
        bool approval = decision.Promote && champion != version
            && (policy.FourEyes || (overrides?.Approval ?? (policy.Approval && champion is not null)));
        return new RolloutPlan(
            decision.Promote,
            decision.Explanation,
            steps,
            overrides?.BakeMinutes ?? policy.BakeMinutes,
            approval,
            policy.ApprovalHours,
            policy.ReminderHours,
            policy.Gate);
    }
}
