using Modeldrop.Manifests;

namespace Modeldrop.Lifecycle.Rollouts;

/// <param name="Promote">Whether the policy makes the version champion now.</param>
/// <param name="Explanation">The decision in words.</param>
public sealed record PromotionDecision(bool Promote, string Explanation);

/// <summary>Decides whether a validated version becomes champion automatically. Pure.</summary>
public static class PromotionPolicyDecision
{
    /// <param name="isOlder">Whether the version was dropped before the champion.</param>
    public static PromotionDecision Decide(PromotionPolicy policy, int version, int? champion, bool isOlder) => policy.Mode switch
    {
        PromotionMode.Auto when champion is { } newer && isOlder => new PromotionDecision(
            false, $"Version {version} stays validated: it was dropped before version {newer}, which is champion. "
                    + "Promote it by hand if you want it."),
        PromotionMode.Auto when champion is { } present => new PromotionDecision(
            true, $"Version {version} replaces version {present} (promotion mode auto)."),
        PromotionMode.Auto => new PromotionDecision(true, $"Version {version} is the first champion (promotion mode auto)."),
        PromotionMode.Manual => new PromotionDecision(false, $"Version {version} waits for a promotion by hand (promotion mode manual)."),
        _ => new PromotionDecision(false, $"Version {version} stays validated (promotion mode off)."),
    };
}
