using Modeldrop.Manifests;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Decides how a version is promoted: by its manifest, or by the values of a person's request. Pure.</summary>
public static class RolloutPlanner
{
    /// <param name="overrides">Null: by the manifest alone.</param>
    /// <param name="champion">Null: the model has none yet, so there is no version to share traffic with.</param>
    /// <param name="isOlder">Whether the version was dropped before the champion. An older version does not replace a newer one
    /// automatically.</param>
    public static RolloutPlan Plan(PromotionPolicy policy, RolloutOverrides? overrides, int version, int? champion, bool isOlder)
    {
        PromotionDecision decision = overrides is null
            ? PromotionPolicyDecision.Decide(policy, version, champion, isOlder)
            : new PromotionDecision(
                true,
                champion is { } present
                    ? $"Version {version} replaces version {present}."
                    : $"Version {version} is the first champion.");
        bool needsSteps = decision.Promote && champion is not null && champion != version;
        IReadOnlyList<int> steps = needsSteps ? overrides?.Steps ?? policy.Steps : [100];

        // Under 'auto' the first valid version is promoted at once, and a version that is already champion needs no approval. Four eyes
        // apply to the first version too, and no request can turn them off.
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
