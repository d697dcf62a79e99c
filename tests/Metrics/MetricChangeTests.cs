using Modeldrop.Metrics;

namespace Modeldrop.Tests.Metrics;

public sealed class MetricChangeTests
{
    private const double Floor = 0.02;

    [Theory]
    [InlineData(900, 1_000, 900, 1_000, false)]
    [InlineData(900, 1_000, 840, 1_000, true)]
    [InlineData(900, 1_000, 885, 1_000, false)] // Below the floor, however certain.
    [InlineData(90_000, 100_000, 88_500, 100_000, false)]
    [InlineData(18, 20, 840, 1_000, false)] // Twenty validation rows do not prove 0.9.
    [InlineData(900, 1_000, 0, 9, false)] // Nine rows give no verdict.
    [InlineData(900, 1_000, 0, 10, true)]
    public void IsWorse_Shares_AllowsForTheErrorOfBothAndTheFloor(int before, int of, int now, int rows, bool expected) =>
        Assert.Equal(expected,
            MetricChange.IsWorse(MetricEvidence.Share(before, of)!, MetricEvidence.Share(now, rows)!, lowerIsBetter: false, Floor, 0.01));

    [Theory]
    [InlineData(0.50, false)]
    [InlineData(0.54, false)] // Below a tenth.
    [InlineData(0.62, true)]
    [InlineData(0.30, false)]
    public void IsWorse_Losses_NeedsATenthMore(double now, bool expected) =>
        Assert.Equal(expected, MetricChange.IsWorse(Loss(0.5), Loss(now), lowerIsBetter: true, 0.1, 0.01));

    /// <summary>No bound of 1: a perfect validation has an error too.</summary>
    [Fact]
    public void IsWorse_PerfectValidationOfFewRows_StillHasAnError()
    {
        Assert.False(MetricChange.IsWorse(
            MetricEvidence.Share(30, 30)!, MetricEvidence.Share(90, 100)!, lowerIsBetter: false, Floor, 0.01));
        Assert.True(MetricChange.IsWorse(
            MetricEvidence.Share(3_000, 3_000)!, MetricEvidence.Share(80, 100)!, lowerIsBetter: false, Floor, 0.01));
    }

    private static MetricEvidence Loss(double mean) => new(EvidenceKind.Mean, mean, 0.015, 1_000);
}
