using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Manifests;

namespace Modeldrop.Tests.Lifecycle.Rollouts;

public sealed class PromotionPolicyDecisionTests
{
    [Theory]
    [InlineData(PromotionMode.Auto, null, true, "first champion")]
    [InlineData(PromotionMode.Auto, 1, true, "replaces version 1")]
    [InlineData(PromotionMode.Manual, null, false, "by hand")]
    [InlineData(PromotionMode.Manual, 1, false, "by hand")]
    [InlineData(PromotionMode.Off, null, false, "mode off")]
    public void Decide_Mode_PromotesOnlyWhenAuto(PromotionMode mode, int? champion, bool promotes, string says)
    {
        PromotionDecision decision = PromotionPolicyDecision.Decide(
            new PromotionPolicy { Mode = mode }, version: 2, champion, isOlder: false);

        Assert.Equal(promotes, decision.Promote);
        Assert.Contains(says, decision.Explanation, StringComparison.Ordinal);
    }

    /// <summary>Drops of a burst become versions in a different order when one of them takes longer.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(null, true)]
    public void Decide_AutoAndDroppedBeforeTheChampion_KeepsTheNewerChampion(int? champion, bool promotes)
    {
        PromotionDecision decision = PromotionPolicyDecision.Decide(
            new PromotionPolicy { Mode = PromotionMode.Auto }, version: 2, champion, isOlder: true);

        Assert.Equal(promotes, decision.Promote);
        Assert.Equal(!promotes, decision.Explanation.Contains("dropped before version 1", StringComparison.Ordinal));
    }
}
