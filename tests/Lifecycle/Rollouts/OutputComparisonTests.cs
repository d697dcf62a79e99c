using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Metrics;

namespace Modeldrop.Tests.Lifecycle.Rollouts;

public sealed class OutputComparisonTests
{
    [Fact]
    public void Compare_Classes_UsesTotalVariationAndChiSquared()
    {
        // scipy.stats.chi2_contingency([[60, 40], [30, 70]], correction=False): 18.18182, p = 2.0085e-05.
        IReadOnlyList<OutputShift> shifts = OutputComparison.Compare(Classes(("a", 60), ("b", 40)), Classes(("a", 30), ("b", 70)));

        OutputShift shift = Assert.Single(shifts);
        Assert.Equal(("answers", 100L, 100L), (shift.Name, shift.ChampionRows, shift.CandidateRows));
        Assert.Equal(0.3, shift.Distance, 12);
        Assert.Equal(2.0085e-05, shift.PValue, 1e-8);
    }

    [Fact]
    public void Compare_SameAnswersWithOtherProbabilities_IsDetected()
    {
        RowAnswer[] champion = [.. Enumerable.Range(0, 200).Select(row => Binary(0.10 + (row % 10 * 0.01)))];
        RowAnswer[] candidate = [.. Enumerable.Range(0, 200).Select(row => Binary(0.40 + (row % 10 * 0.01)))];

        IReadOnlyList<OutputShift> shifts = OutputComparison.Compare(champion, candidate);

        Assert.Equal((0d, 1d), (shifts[0].Distance, shifts[0].PValue));
        Assert.Equal("probabilities", shifts[1].Name);
        Assert.Equal(0.3, shifts[1].Distance, 12);
        Assert.InRange(shifts[1].PValue, 0, 1e-12);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1_000, 0.99, 1)]
    public void Compare_Values_UsesPooledDeciles(double moved, double least, double most)
    {
        RowAnswer[] champion = [.. Enumerable.Range(0, 500).Select(row => new RowAnswer(null, null, row))];
        RowAnswer[] candidate = [.. Enumerable.Range(0, 500).Select(row => new RowAnswer(null, null, row + moved))];

        Assert.InRange(Assert.Single(OutputComparison.Compare(champion, candidate)).Distance, least, most);
    }

    [Fact]
    public void Compare_NaNs_HaveTheLargestDistance()
    {
        RowAnswer[] numbers = [.. Enumerable.Range(0, 300).Select(row => new RowAnswer(null, null, row))];
        RowAnswer[] nothing = [.. Enumerable.Range(0, 300).Select(_ => new RowAnswer(null, null, double.NaN))];
        RowAnswer[] unsure = [.. Enumerable.Range(0, 300).Select(_ => Binary(double.NaN))];

        Assert.Equal(1, Assert.Single(OutputComparison.Compare(numbers, nothing)).Distance, 12);
        OutputShift probabilities = OutputComparison.Compare([.. Enumerable.Range(0, 300).Select(_ => Binary(0.2))], unsure)[1];
        Assert.Equal((1d, 0d), (probabilities.Distance, probabilities.PValue));
    }

    [Fact]
    public void Compare_OneSideEmpty_IsEmpty() => Assert.Empty(OutputComparison.Compare([], Classes(("a", 3))));

    [Fact]
    public void Compare_SwappedSides_GivesTheSame()
    {
        RowAnswer[] one = Classes(("a", 10), ("b", 80), ("c", 60));
        RowAnswer[] other = Classes(("a", 50), ("b", 30), ("d", 20));

        Assert.Equal(OutputComparison.Compare(one, other)[0].Distance, OutputComparison.Compare(other, one)[0].Distance, 12);
    }

    private static RowAnswer Binary(double positive) => new(positive > 0.5 ? "yes" : "no", [1 - positive, positive], null);

    private static RowAnswer[] Classes(params (string Class, int Count)[] classes) =>
        [.. classes.SelectMany(one => Enumerable.Repeat(new RowAnswer(one.Class, null, null), one.Count))];
}
