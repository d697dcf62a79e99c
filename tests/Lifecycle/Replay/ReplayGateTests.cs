using System.Collections.Immutable;
using Modeldrop.Lifecycle.Replay;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Routing;

namespace Modeldrop.Tests.Lifecycle.Replay;

public sealed class ReplayGateTests
{
    private static readonly ReplaySummary Good = ReplaySummary.Empty with
    {
        Records = 1_000,
        Rows = 1_000,
        Faithfulness = Faithfulness.None with { SameEnvironment = 1_000 },
        ChampionLatency = LatencyHistogram.OfOne(TimeSpan.FromMilliseconds(1)),
        CandidateLatency = LatencyHistogram.OfOne(TimeSpan.FromMilliseconds(2)),
    };

    [Theory]
    [InlineData(0, 0.01, CheckVerdict.Passed)] // at most 0.3 % at 95 %
    [InlineData(4, 0.01, CheckVerdict.Passed)] // 0.4 %, at most 0.91 %
    [InlineData(6, 0.01, CheckVerdict.Failed)] // 0.6 % alone is below the bound, but up to 1.18 % cannot be excluded
    [InlineData(200, 0.01, CheckVerdict.Failed)]
    [InlineData(200, null, CheckVerdict.Noted)] // no bound was requested
    [InlineData(0, 0.001, CheckVerdict.Noted)] // 1,000 rows cannot show 0.1 %
    public void Disagreement_IsJudgedByItsExactUpperBound(int disagreements, double? allowed, CheckVerdict expected) =>
        Assert.Equal(expected, Check(Decide(Good with { Disagreements = disagreements }, allowed), "replay.disagreement").Verdict);

    [Fact]
    public void Disagreement_Explanation_HasRateIntervalAndBound() => Assert.Equal(
        "2 % of 1,000 logged rows get a different answer than from the champion (version 1) (1.329 % to 2.893 % at 95 % each); 1 % is "
            + "allowed.",
        Check(Decide(Good with { Disagreements = 20 }, 0.01), "replay.disagreement").Explanation);

    [Theory]
    [InlineData(0.01, CheckVerdict.Failed)]
    [InlineData(null, CheckVerdict.Noted)]
    public void Unfaithful_HasNoVerdictOnDisagreement(double? allowed, CheckVerdict expected)
    {
        ReplaySummary summary = Good with { Disagreements = 900, Faithfulness = new Faithfulness(1_000, 3, 0, 0, 0, ["a", "b"]) };

        IReadOnlyList<ValidationCheck> checks = Decide(summary, allowed);

        Assert.Equal(expected, Check(checks, "replay.faithful").Verdict);
        Assert.Equal(["Prediction a", "Prediction b"], Check(checks, "replay.faithful").Details);
        Assert.Equal(CheckVerdict.Noted, Check(checks, "replay.disagreement").Verdict);
    }

    [Fact]
    public void OtherEnvironment_DifferentBits_AreNotedOnly()
    {
        ReplaySummary summary = Good with { Faithfulness = new Faithfulness(0, 0, 1_000, 12, 1.5e-7, []) };

        ValidationCheck check = Check(Decide(summary, 0.01), "replay.faithful");

        Assert.Equal(CheckVerdict.Noted, check.Verdict);
        Assert.Contains("12 of them differ, by at most 1.5e-7 of the value", check.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_FailuresOrNaN_RefuseEvenWithoutABound()
    {
        ValidationCheck check = Check(
            Decide(Good with { CandidateFailures = 1, CandidateFailure = "index out of range", CandidateNaNs = 2 }, null),
            "replay.answers");

        Assert.Equal(CheckVerdict.Failed, check.Verdict);
        Assert.Equal(["1 records fail, for example: index out of range", "2 rows are answered with NaN."], check.Details);
    }

    [Fact]
    public void Slices_NameOnlyTheValuesWhereDisagreementConcentrates()
    {
        ReplaySummary summary = Good with
        {
            Disagreements = 30,
            Slices = ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, SliceCount>?>.Empty
                .Add("origin", Values(("ANC", 100, 25), ("SEA", 300, 2), ("PDX", 600, 3)))
                .Add("dow", Values(("1", 500, 16), ("2", 500, 14)))
                .Add("tail", null),
        };

        ValidationCheck check = Check(Decide(summary, null), "replay.slices");

        Assert.Equal(["origin = ANC: 25 % of 100 rows"], check.Details);
        Assert.DoesNotContain(Decide(Good with { Disagreements = 30 }, null), one => one.Name == "replay.slices");
    }

    [Fact]
    public void ShiftAndLatency_OfBothVersions_AreNoted()
    {
        ReplaySummary summary = Good with
        {
            Answers = ImmutableSortedDictionary<string, AnswerCount>.Empty.Add("no", new AnswerCount(1_000, 0))
                .Add("yes", new AnswerCount(0, 1_000)),
        };

        IReadOnlyList<ValidationCheck> checks = Decide(summary, null);

        Assert.Equal((CheckVerdict.Noted, 1.0), (Check(checks, "replay.shift").Verdict, Check(checks, "replay.shift").Figure!.Value));
        ValidationCheck latency = Check(checks, "replay.latency");
        Assert.True(latency.Figure > latency.Threshold, latency.Explanation);
    }

    private static ImmutableSortedDictionary<string, SliceCount> Values(params (string Value, long Rows, long Disagreements)[] values) =>
        values.ToImmutableSortedDictionary(one => one.Value, one => new SliceCount(one.Rows, one.Disagreements));

    private static IReadOnlyList<ValidationCheck> Decide(ReplaySummary summary, double? maxDisagreement) =>
        ReplayGate.Decide(summary, 1, maxDisagreement, new ReplayOptions());

    private static ValidationCheck Check(IReadOnlyList<ValidationCheck> checks, string name) => checks.Single(check => check.Name == name);
}
