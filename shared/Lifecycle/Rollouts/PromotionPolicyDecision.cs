using Modeldrop.Manifests;

namespace Modeldrop.Lifecycle.Rollouts;

/// <param name="Promote">Whether the policy moves the champion to the version now.</param>
/// <param name="Explanation">In words for people.</param>
public sealed record PromotionDecision(bool Promote, string Explanation);

/// <summary>Whether a validated version becomes champion by itself. Pure.</summary>
public static class PromotionPolicyDecision
{
    /// <param name="isOlder">Whether the version was dropped before the champion.</param>
    public static PromotionDecision Decide(PromotionPolicy policy, int version, int? champion, bool isOlder) => policy.Mode switch
    {
        PromotionMode.Auto when champion is { } newer && isOlder => new PromotionDecision(
            false, $"Version {version} stays validated: it was dropped before version {newer}, which is champion. "
                    + "Promote it by hand if it is wanted."),
        PromotionMode.Auto when champion is { } present => new PromotionDecision(
            true, $"Version {version} takes the place of version {present} (promotion mode auto)."),
        PromotionMode.Auto => new PromotionDecision(true, $"Version {version} is the first champion (promotion mode auto)."),
        PromotionMode.Manual => new PromotionDecision(false, $"Version {version} waits for a promotion by hand (promotion mode manual)."),
        _ => new PromotionDecision(false, $"Version {version} is validated and stays so (promotion mode off)."),
    };
}
