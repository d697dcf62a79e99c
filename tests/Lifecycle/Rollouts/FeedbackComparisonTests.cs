using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Tensors;
using Modeldrop.Tests.Metrics;

namespace Modeldrop.Tests.Lifecycle.Rollouts;

public sealed class FeedbackComparisonTests
{
    private static readonly TensorSpec Value = new("value", Datatype.Fp32, [-1, 1]);

    [Fact]
    public void Compare_ModelWithoutSkill_IsDetectedByRocAucAndNotByAccuracy()
    {
        var random = new Random(4);
        FeedbackDrop[] drops = [.. FeedbackComparison.Compare(Rare(random, 2_000, skill: 1), Rare(random, 2_000, skill: 0))];

        Assert.Equal(["accuracy", "roc_auc"], drops.Select(drop => drop.Name));
        Assert.True(drops[0].Drop < FeedbackComparison.MaxAccuracyDrop);
        Assert.True(drops[1].Drop > 0.1, $"{drops[1]}");
        Assert.True(drops[1].PValue < 1e-6, $"{drops[1]}");
    }

    /// <summary>For equal models p-values are about uniform, so that a bound on them bounds false alarms.</summary>
    [Fact]
    public void Compare_EqualModels_HasUniformPValues()
    {
        var random = new Random(9);
        double[] p = [.. Enumerable.Range(0, 800).Select(
            _ => FeedbackComparison.Compare(Rare(random, 300, 1), Rare(random, 300, 1))[1].PValue)];

        Assert.InRange(p.Count(one => one <= 0.05), 15, 70);
        Assert.InRange(p.Count(one => one <= 0.5), 340, 460);
        Assert.InRange(p.Count(one => one <= 0.001), 0, 5);
    }

    [Fact]
    public void Compare_Regression_ComparesErrors()
    {
        JudgedRow[] good = [.. Enumerable.Range(0, 200).Select(
            row => Judged(new RowAnswer(null, null, row + ((row % 3) * 0.1)), $"{row}", [], Value))];
        JudgedRow[] bad = [.. Enumerable.Range(0, 200).Select(
            row => Judged(new RowAnswer(null, null, row + 1 + ((row % 3) * 0.1)), $"{row}", [], Value))];

        FeedbackDrop drop = Assert.Single(FeedbackComparison.Compare(good, bad));

        Assert.Equal(("mae", 200L), (drop.Name, drop.CandidateLabels));
        Assert.Equal(1, drop.Drop, 1e-9);
        Assert.True(drop.Drop > drop.Allowed && drop.PValue < 1e-9);
        Assert.True(FeedbackComparison.Compare(bad, good)[0].PValue > 0.999);
    }

    [Fact]
    public void Compare_ClassesByName_AndUnknownLabels()
    {
        JudgedRow[] champion = [Answer("Adelie", "Adelie"), Answer("Gentoo", "Gentoo"), Answer("Adelie", "Unknown")];
        JudgedRow[] candidate = [Answer("Adelie", "Gentoo"), Answer("Gentoo", "Adelie")];

        FeedbackDrop drop = Assert.Single(FeedbackComparison.Compare(champion, candidate));

        Assert.Equal((2.0 / 3, 0.0), (drop.Champion, drop.Candidate));
    }

    private static JudgedRow Answer(string named, string label) =>
        Judged(new RowAnswer(named, [0.4, 0.3, 0.3], null), label, ["Adelie", "Chinstrap", "Gentoo"],
            new TensorSpec("p", Datatype.Fp32, [-1, 3]));

    private static JudgedRow Judged(RowAnswer answer, string label, string[] classes, TensorSpec output) =>
        RowAnswers.Of(PredictionRuleTests.Inspection([output]) with { Classes = classes }, new Manifest()).Answers!.Judge(answer, label)!;

    /// <summary>One in eight is late, and all answers are "not late". With skill, late flights get higher scores.</summary>
    private static JudgedRow[] Rare(Random random, int rows, double skill) => [.. Enumerable.Range(0, rows).Select(_ =>
    {
        bool late = random.Next(8) == 0;
        double score = Math.Clamp((0.3 * random.NextDouble()) + (late ? 0.1 * skill : 0), 0, 0.49);
        return Judged(new RowAnswer("0", [1 - score, score], null), late ? "1"
            : "0", ["0", "1"], new TensorSpec("p", Datatype.Fp32, [-1, 2]));
    })];
}
