using Modeldrop.Lifecycle;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Lifecycle;

public sealed class PromotionPolicyDecisionTests
{
    [Theory]
    [InlineData(PromotionMode.Auto, null, true, "first champion")]
    [InlineData(PromotionMode.Auto, 1, true, "takes the place of version 1")]
    [InlineData(PromotionMode.Manual, null, false, "by hand")]
    [InlineData(PromotionMode.Manual, 1, false, "by hand")]
    [InlineData(PromotionMode.Off, null, false, "mode off")]
    public void Decide_Mode_PromotesOnlyWhenAuto(PromotionMode mode, int? champion, bool promotes, string says)
    {
        PromotionDecision decision = PromotionPolicyDecision.Decide(new PromotionPolicy { Mode = mode }, version: 2, champion);

        Assert.Equal(promotes, decision.Promote);
        Assert.Contains(says, decision.Explanation, StringComparison.Ordinal);
    }
}
