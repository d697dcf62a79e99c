using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Metrics;

namespace Modeldrop.Tests.Lifecycle.Rollouts;

public sealed class FeedbackComparisonTests
{
    private static readonly string[] Classes = ["0", "1"];

    [Fact]
    public void Compare_ShuffledLabels_IsSeenByTheAreaWhereAccuracySeesNothing()
    {
        var random = new Random(4);
        FeedbackDrop[] drops = [.. FeedbackComparison.Compare(Rare(random, 2_000, skill: 1), Rare(random, 2_000, skill: 0), Classes)];

        Assert.Equal(["accuracy", "roc_auc"], drops.Select(drop => drop.Name));
        Assert.True(drops[0].Drop < FeedbackComparison.MaxAccuracyDrop);
        Assert.True(drops[1].Drop > 0.1, $"{drops[1]}");
        Assert.True(drops[1].PValue < 1e-6, $"{drops[1]}");
    }

    /// <summary>Equal models: p-values are about even, so that a bound on them is a bound on false alarms.</summary>
    [Fact]
    public void Compare_EqualModels_HasEvenPValues()
    {
        var random = new Random(9);
        double[] p = [.. Enumerable.Range(0, 800).Select(_ => FeedbackComparison.Compare(Rare(random, 300, 1), Rare(random, 300, 1), Classes)[1].PValue)];

        Assert.InRange(p.Count(one => one <= 0.05), 15, 70);
        Assert.InRange(p.Count(one => one <= 0.5), 340, 460);
        Assert.InRange(p.Count(one => one <= 0.001), 0, 5);
    }

    [Fact]
    public void Compare_Regression_ByItsErrors()
    {
        LabelledAnswer[] good = [.. Enumerable.Range(0, 200).Select(row => new LabelledAnswer(new RowAnswer(null, null, row + ((row % 3) * 0.1)), $"{row}"))];
        LabelledAnswer[] bad = [.. Enumerable.Range(0, 200).Select(row => new LabelledAnswer(new RowAnswer(null, null, row + 1 + ((row % 3) * 0.1)), $"{row}"))];

        FeedbackDrop drop = Assert.Single(FeedbackComparison.Compare(good, bad, null));

        Assert.Equal(("mae", 200L), (drop.Name, drop.CandidateLabels));
        Assert.Equal(1, drop.Drop, 1e-9);
        Assert.True(drop.Drop > drop.Allowed && drop.PValue < 1e-9);
        Assert.True(FeedbackComparison.Compare(bad, good, null)[0].PValue > 0.999);
    }

    [Fact]
    public void Compare_ClassesByName_AndLabelsThatNobodyKnows()
    {
        LabelledAnswer[] champion = [Answer("Adelie", "Adelie"), Answer("Gentoo", "Gentoo"), Answer("Adelie", "Unknown")];
        LabelledAnswer[] candidate = [Answer("Adelie", "Gentoo"), Answer("Gentoo", "Adelie")];

        FeedbackDrop drop = Assert.Single(FeedbackComparison.Compare(champion, candidate, ["Adelie", "Chinstrap", "Gentoo"]));

        Assert.Equal((2.0 / 3, 0.0), (drop.Champion, drop.Candidate));
    }

    private static LabelledAnswer Answer(string named, string label) => new(new RowAnswer(named, [0.4, 0.3, 0.3], null), label);

    /// <summary>One in eight is late, and all answers are "not late"; with skill the late ones score higher.</summary>
    private static LabelledAnswer[] Rare(Random random, int rows, double skill) => [.. Enumerable.Range(0, rows).Select(_ =>
    {
        bool late = random.Next(8) == 0;
        double score = Math.Clamp((0.3 * random.NextDouble()) + (late ? 0.1 * skill : 0), 0, 0.49);
        return new LabelledAnswer(new RowAnswer("0", [1 - score, score], null), late ? "1" : "0");
    })];
}
