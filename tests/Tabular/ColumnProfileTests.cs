using Modeldrop.Tabular;

namespace Modeldrop.Tests.Tabular;

public sealed class ColumnProfileTests
{
    [Fact]
    public void Of_Numbers_HasTheirExtremesAndMean() =>
        Assert.Equal(
            new ColumnProfile("x", 4, 3) { Min = -2.5, Max = 10, Mean = 2.125 }, Of("1", null, "-2.5", "NaN", " n/a ", "1e1", "0"));

    [Fact]
    public void Of_Infinities_CountAndDetermineTheMean()
    {
        Assert.Equal(
            new ColumnProfile("x", 3, 0) { Min = 1, Max = double.PositiveInfinity, Mean = double.PositiveInfinity }, Of("1", "inf", "2"));
        Assert.Equal(double.NaN, Of("inf", "-inf").Mean);
    }

    [Fact]
    public void Of_NumbersWithAnOverflowingSum_HasAFiniteMean() =>
        Assert.Equal(1e308, Of("1e308", "1e308", "1e308").Mean!.Value, 1e294);

    [Fact]
    public void Of_Texts_HasTheMostFrequentFirst()
    {
        ColumnProfile profile = Of("b", "a", "NA", null, "b", "1", "a", "c");

        Assert.Equal((7, 1, 5, null), (profile.Count, profile.Missing, profile.Distinct, profile.Mean));
        Assert.Equal([new("a", 2), new("b", 2), new("1", 1), new("NA", 1), new("c", 1)], profile.Top);
    }

    [Fact]
    public void Of_ManyTexts_ListsTen_AndNoneBeyondTheLimit()
    {
        string[] limit = [.. Enumerable.Range(0, ColumnProfile.MaxDistinct).Select(number => $"v{number:D5}")];
        ColumnProfile many = Of([.. limit, "v00007"]);
        ColumnProfile beyond = Of([.. limit, "another"]);

        Assert.Equal((ColumnProfile.MaxDistinct, ColumnProfile.MaxTop), (many.Distinct, many.Top!.Count));
        Assert.Equal(new ValueCount("v00007", 2), many.Top[0]);
        Assert.Equal((ColumnProfile.MaxDistinct + 1, null, null), (beyond.Count, beyond.Distinct, beyond.Top));
    }

    [Fact]
    public void Of_LongText_IsShortened() => Assert.Equal(new string('x', 100) + "…", Of(new string('x', 1_000)).Top![0].Value);

    [Fact]
    public void Of_OnlyGaps_IsMissing()
    {
        ColumnProfile profile = Of(null, null);

        Assert.Equal((0, 2, 0), (profile.Count, profile.Missing, profile.Distinct));
        Assert.Empty(profile.Top!);
    }

    private static ColumnProfile Of(params string?[] values) => ColumnProfile.Of(new TableColumn("x", values));
}
