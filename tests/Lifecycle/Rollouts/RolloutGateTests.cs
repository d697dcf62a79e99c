using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Manifests;
using Modeldrop.Routing;

namespace Modeldrop.Tests.Lifecycle.Rollouts;

public sealed class RolloutGateTests
{
    private static readonly GatePolicy Policy = new();

    [Theory]
    [InlineData(99, 1000)]
    [InlineData(1000, 99)]
    [InlineData(0, 0)]
    public void Decide_TooFewRequests_IsUndecidedForAnyFigures(int champion, int candidate)
    {
        GateReport report = RolloutGate.Decide(
            Policy, new GateFigures(Counts(champion), Counts(candidate, failures: candidate), []), looks: 1);

        Assert.Equal(GateVerdict.Undecided, report.Verdict);
        Assert.Empty(report.Checks);
        Assert.Contains("100 of each are needed", report.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_AllWithinBounds_Passes()
    {
        GateReport report = Decide(
            Counts(1000, failures: 3), Counts(200, failures: 1), [new OutputShift("answers", 1000, 200, 0.05, 1e-9)]);

        Assert.Equal(GateVerdict.Passed, report.Verdict);
        Assert.Equal(["errors", "output.answers", "latency"], report.Checks.Select(check => check.Name));
        Assert.Equal((1000L, 200L), (report.ChampionRequests, report.CandidateRequests));
    }

    [Fact]
    public void Decide_MoreErrors_IsABreachThatNamesFigureAndBound()
    {
        GateReport report = Decide(Counts(1000), Counts(200, failures: 30));

        Assert.Equal(GateVerdict.Breached, report.Verdict);
        Assert.Equal("15 % of the candidate's requests failed, and 0 % of the champion's; 1 % more are allowed.", report.Explanation);
    }

    [Theory]
    [InlineData(0, 2)] // 1 % more is at the bound
    [InlineData(0, 3)] // beyond the bound, but three failures occur with equal models
    public void Decide_ErrorsWithinBoundOrNoise_Pass(int champion, int candidate) =>
        Assert.Equal(GateVerdict.Passed, Decide(Counts(200, failures: champion), Counts(200, failures: candidate)).Verdict);

    [Fact]
    public void Decide_BothFailEquallyOften_Passes() =>
        Assert.Equal(GateVerdict.Passed, Decide(Counts(1000, failures: 300), Counts(1000, failures: 300)).Verdict);

    [Fact]
    public void Decide_SlowerByMoreThanTheFactor_IsABreach()
    {
        GateReport report = Decide(Counts(1000, milliseconds: 5), Counts(500, milliseconds: 15));

        Assert.Equal(GateVerdict.Breached, report.Verdict);
        Assert.StartsWith("95 % of the candidate's requests take at most 15", report.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, 9)] // within the factor
    [InlineData(0.1, 0.9)] // nine times as slow, but within a millisecond
    public void Decide_SlowerWithinBounds_Passes(double champion, double candidate) =>
        Assert.Equal(GateVerdict.Passed, Decide(Counts(1000, milliseconds: champion), Counts(500, milliseconds: candidate)).Verdict);

    [Theory]
    [InlineData(0.5, 1e-9, GateVerdict.Breached)]
    [InlineData(0.5, 0.01, GateVerdict.Passed)]
    [InlineData(0.1, 1e-9, GateVerdict.Passed)]
    public void Decide_OutputsShifted_NeedsSignificanceAndSize(double distance, double p, GateVerdict expected) =>
        Assert.Equal(expected, Decide(Counts(1000), Counts(500), [new OutputShift("answers", 1000, 500, distance, p)]).Verdict);

    [Theory]
    [InlineData(99, 0.6, 1e-9, GateVerdict.Passed)]
    [InlineData(500, 0.6, 1e-9, GateVerdict.Breached)]
    [InlineData(500, 0.6, 0.01, GateVerdict.Passed)]
    [InlineData(500, 0.89, 1e-9, GateVerdict.Passed)]
    public void Decide_Feedback_NeedsLabelsSignificanceAndSize(long labels, double candidate, double p, GateVerdict expected)
    {
        var drop = new FeedbackDrop("accuracy", 1000, labels, 0.9, candidate, 0.9 - candidate, 0.02, p);

        GateReport report = RolloutGate.Decide(Policy, new GateFigures(Counts(1000), Counts(500), [], [drop]), looks: 1);

        Assert.Equal(expected, report.Verdict);
        if (expected == GateVerdict.Breached)
        {
            Assert.Equal(
                "On 500 labels the candidate's accuracy is 0.6000, on 1,000 the champion's is 0.9000; 0.02 worse is allowed.",
                report.Explanation);
        }
    }

    [Fact]
    public void Decide_CandidateCannotBeLoaded_IsABreach()
    {
        VersionCounts candidate = VersionCounts.None with { Unloaded = 100 };

        GateReport report = Decide(Counts(1000), candidate);

        Assert.Equal((GateVerdict.Breached, "load"), (report.Verdict, Assert.Single(report.Checks).Name));
    }

    /// <summary>The guarantee of <see cref="RolloutGate.FalseAlarmRate"/>: equal versions, ten checks of growing counts.</summary>
    [Fact]
    public void Decide_EqualVersionsOverAllLooks_RarelyBreach()
    {
        const int Rollouts = 1_000;
        const int Looks = 10;
        var random = new Random(11);
        GatePolicy strict = Policy with { MaxErrorIncrease = 0, MaxLatencyFactor = 1 };
        int alarms = 0;
        for (int rollout = 0; rollout < Rollouts; rollout++)
        {
            VersionCounts champion = VersionCounts.None;
            VersionCounts candidate = VersionCounts.None;
            bool breached = false;
            for (int look = 0; look < Looks; look++)
            {
                champion = champion.Plus(Drawn(random, 150));
                candidate = candidate.Plus(Drawn(random, 150));
                breached |= RolloutGate.Decide(strict, new GateFigures(champion, candidate, []), Looks).Verdict == GateVerdict.Breached;
            }

            alarms += breached ? 1 : 0;
        }

        Assert.InRange(alarms, 0, (int)(Rollouts * RolloutGate.FalseAlarmRate));
    }

    private static GateReport Decide(VersionCounts champion, VersionCounts candidate, IReadOnlyList<OutputShift>? outputs = null) =>
        RolloutGate.Decide(Policy, new GateFigures(champion, candidate, outputs ?? []), looks: 1);

    private static VersionCounts Counts(int requests, int failures = 0, double milliseconds = 1)
    {
        var meter = new VersionMeter();
        for (int request = 0; request < requests; request++)
        {
            if (request < failures)
            {
                meter.Failed();
            }
            else
            {
                meter.Answered(TimeSpan.FromMilliseconds(milliseconds));
            }
        }

        return meter.Read();
    }

    private static VersionCounts Drawn(Random random, int requests)
    {
        var meter = new VersionMeter();
        for (int request = 0; request < requests; request++)
        {
            if (random.NextDouble() < 0.02)
            {
                meter.Failed();
            }
            else
            {
                meter.Answered(TimeSpan.FromMilliseconds(20 * Math.Exp(random.NextDouble())));
            }
        }

        return meter.Read();
    }
}
