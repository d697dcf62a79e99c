using Modeldrop.Pages;

namespace Modeldrop.Tests.Pages;

public sealed class FiguresTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 14, 0, 0, TimeSpan.FromHours(2));

    [Theory]
    [InlineData(0.6523, "0.65")]
    [InlineData(0.0123, "0.012")]
    [InlineData(0.00312, "0.0031")]
    [InlineData(2.4e-8, "2e-8")]
    [InlineData(0, "< 1e-300")]
    [InlineData(1e-301, "< 1e-300")]
    [InlineData(1, "1.00")]
    public void PValue_IsReadable(double p, string text) => Assert.Equal(text, Figures.PValue(p));

    [Theory]
    [InlineData(0.6523, "= 0.65")]
    [InlineData(0, "< 1e-300")]
    public void Chance_AnyProbability_HasEqualsOrLessThan(double p, string text) => Assert.Equal(text, Figures.Chance(p));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.1234, "0.123")]
    [InlineData(12.34, "12.3")]
    [InlineData(4500, "4,500")]
    [InlineData(12_000_000, "1.2e7")]
    [InlineData(0.00096, "9.6e-4")]
    public void Compact_IsShort(double value, string text) => Assert.Equal(text, Figures.Compact(value));

    [Theory]
    [InlineData(0, "0.0 %")]
    [InlineData(0.0025, "0.25 %")]
    [InlineData(0.1234, "12.3 %")]
    public void Share_BelowOnePercent_HasOneMoreDecimal(double share, string text) => Assert.Equal(text, Figures.Share(share));

    [Fact]
    public void Numbers_OfEachKind_HaveTheirDecimals()
    {
        Assert.Equal("1,234,567", Figures.Count(1_234_567));
        Assert.Equal("0.123", Figures.Distance(0.12345));
        Assert.Equal(["5 %", "0.12 %", "0.125 %"], [Figures.Percent(0.05, 2), Figures.Percent(0.00123, 2), Figures.Percent(0.00125, 3)]);
        Assert.Equal("", Figures.Distance(null));
        Assert.Equal("0.8312", Figures.Metric(0.83123, null, null));
        Assert.Equal("0.8312 (0.8100 to 0.8500)", Figures.Metric(0.83123, 0.81, 0.85));
        Assert.Equal(["+0.0120", "-0.0031", "0"], [Figures.Difference(0.012), Figures.Difference(-0.0031), Figures.Difference(0)]);
        Assert.Equal("12.346", Figures.Digits(12.34567));
        Assert.Equal("12 %", Figures.WholeShare(0.123));
    }

    [Fact]
    public void Times_AreUtc()
    {
        Assert.Equal("2026-05-06", Figures.Day(Noon));
        Assert.Equal("2026-05-06 12:00", Figures.Minute(Noon));
        Assert.Equal("2026-05-06 12:00:00", Figures.Second(Noon));
        Assert.Equal("2026-05-06 12:00:00Z", Figures.Utc(Noon));
        Assert.Equal("2026-05-06T12:00:00Z", Figures.Instant(Noon));
    }
}
