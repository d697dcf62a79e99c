using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Manifests;

namespace Modeldrop.Tests.Lifecycle.Rollouts;

public sealed class RolloutPlannerTests
{
    private static readonly PromotionPolicy Stepwise = new() { Steps = [5, 25, 100], BakeMinutes = 10, Approval = true };

    [Fact]
    public void Plan_AutoWithChampion_UsesTheStepsOfTheManifest()
    {
        RolloutPlan plan = RolloutPlanner.Plan(Stepwise, overrides: null, version: 2, champion: 1, isOlder: false);

        Assert.Equal((true, 10d, true), (plan.Promote, plan.BakeMinutes, plan.Approval));
        Assert.Equal([5, 25, 100], plan.Steps);
    }

    [Fact]
    public void Plan_FirstVersion_IsPromotedAtOnceForAnySteps()
    {
        RolloutPlan plan = RolloutPlanner.Plan(Stepwise, overrides: null, version: 1, champion: null, isOlder: false);

        Assert.Equal((true, false), (plan.Promote, plan.Approval));
        Assert.Equal([100], plan.Steps);
    }

    [Theory]
    [InlineData(PromotionMode.Manual)]
    [InlineData(PromotionMode.Off)]
    public void Plan_PolicyWithoutAuto_PromotesOnlyOnRequest(PromotionMode mode)
    {
        PromotionPolicy policy = Stepwise with { Mode = mode };

        Assert.False(RolloutPlanner.Plan(policy, overrides: null, version: 2, champion: 1, isOlder: false).Promote);
        RolloutPlan asked = RolloutPlanner.Plan(policy, new RolloutOverrides(), version: 2, champion: 1, isOlder: false);
        Assert.True(asked.Promote);
        Assert.Equal([5, 25, 100], asked.Steps);
    }

    [Fact]
    public void Plan_OlderThanTheChampion_IsPromotedOnlyOnRequest()
    {
        Assert.False(RolloutPlanner.Plan(Stepwise, overrides: null, version: 2, champion: 1, isOlder: true).Promote);
        Assert.True(RolloutPlanner.Plan(Stepwise, new RolloutOverrides(), version: 2, champion: 1, isOlder: true).Promote);
    }

    [Fact]
    public void Plan_Overrides_TakePrecedenceOverTheManifest()
    {
        RolloutPlan plan = RolloutPlanner.Plan(
            Stepwise, new RolloutOverrides([50, 100], 1, false), version: 2, champion: 1, isOlder: false);

        Assert.Equal((1d, false), (plan.BakeMinutes, plan.Approval));
        Assert.Equal([50, 100], plan.Steps);
    }

    [Fact]
    public void Plan_ApprovalRequestedForAFirstVersion_IsRequired() =>
        Assert.True(RolloutPlanner.Plan(
            new PromotionPolicy(), new RolloutOverrides(Approval: true), version: 1, champion: null, isOlder: false).Approval);

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    public void Plan_FourEyes_AreRequiredForAnyRequest(int? champion) =>
        Assert.True(RolloutPlanner.Plan(
            new PromotionPolicy { FourEyes = true }, new RolloutOverrides(Approval: false), version: 2, champion, isOlder: false).Approval);

    [Fact]
    public void Plan_TheChampionItself_DoesNothing()
    {
        RolloutPlan plan = RolloutPlanner.Plan(Stepwise, new RolloutOverrides(), version: 1, champion: 1, isOlder: false);

        Assert.False(plan.Approval);
        Assert.Equal([100], plan.Steps);
    }

    [Theory]
    [InlineData(10, 0, new double[] { 2, 4, 6, 8, 10 }, 4)]
    [InlineData(0, 0, new double[] { 0 }, 0)]
    public void Schedule_BakeTime_HasFiveLooks(double bake, double wait, double[] minutes, int firstToPass)
    {
        RolloutSchedule schedule = RolloutSchedule.Of(TimeSpan.FromMinutes(bake), TimeSpan.FromMinutes(wait));

        Assert.Equal(minutes, schedule.Looks.Select(look => look.TotalMinutes));
        Assert.Equal(firstToPass, schedule.FirstToPass);
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(43_200, 43_200)]
    [InlineData(0.05, 0.5)]
    public void Schedule_Looks_AscendToTheLimitAndAreAtMostThirty(double bake, double wait)
    {
        RolloutSchedule schedule = RolloutSchedule.Of(TimeSpan.FromMinutes(bake), TimeSpan.FromMinutes(wait));

        Assert.Equal(TimeSpan.FromMinutes(bake + wait), schedule.Looks[^1]);
        Assert.Equal(schedule.Looks.Order(), schedule.Looks);
        Assert.InRange(schedule.Looks.Count, 2, 30);
    }
}
