using Modeldrop.Routing;

namespace Modeldrop.Tests.Routing;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Quantile_OfManyDurations_IsAtMostAnEighthOfAnOctaveAboveTheExactOne()
    {
        var random = new Random(7);
        TimeSpan[] durations = [
            .. Enumerable.Range(0, 5_000).Select(_ => TimeSpan.FromMicroseconds(Math.Exp(random.NextDouble() * 15) + 1))];
        LatencyHistogram histogram = Of(durations);
        TimeSpan[] sorted = [.. durations.Order()];

        foreach (double share in (double[])[0.01, 0.5, 0.95, 0.99, 1])
        {
            double exact = sorted[(int)Math.Ceiling(share * sorted.Length) - 1].TotalMicroseconds;
            Assert.InRange(histogram.Quantile(share)!.Value.TotalMicroseconds, exact - 0.1, (exact * Math.Pow(2, 1 / 8.0)) + 0.1);
        }
    }

    [Fact]
    public void Quantile_Nothing_IsNull() => Assert.Null(LatencyHistogram.Empty.Quantile(0.5));

    [Fact]
    public void Plus_PartsInAnyOrder_GivesTheWhole()
    {
        TimeSpan[] durations = [.. Enumerable.Range(1, 300).Select(number => TimeSpan.FromMicroseconds(number * number))];
        LatencyHistogram[] parts = [.. durations.Chunk(37).Select(Of)];

        Assert.Equal(Of(durations), parts.Aggregate(LatencyHistogram.Empty, (sum, part) => sum.Plus(part)));
        Assert.Equal(Of(durations), parts.Reverse().Aggregate(LatencyHistogram.Empty, (sum, part) => sum.Plus(part)));
        Assert.Equal(Of(durations), LatencyHistogram.FromBytes(Of(durations).ToBytes()));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 8)]
    [InlineData(1024, 80)]
    [InlineData(1e12, LatencyHistogram.Buckets - 1)]
    public void BucketOf_ABound_IsTheBucketBelowIt(double microseconds, int bucket) =>
        Assert.Equal(bucket, LatencyHistogram.BucketOf(TimeSpan.FromMicroseconds(microseconds)));

    [Fact]
    public void CountAbove_ABound_CountsTheBucketsAboveItsBucket() =>
        Assert.Equal(
            2,
            Of(
                [TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(3), TimeSpan.FromSeconds(9)])
                .CountAbove(TimeSpan.FromMilliseconds(2)));

    private static LatencyHistogram Of(TimeSpan[] durations)
    {
        var meter = new VersionMeter();
        foreach (TimeSpan duration in durations)
        {
            meter.Answered(duration);
        }

        return meter.Read().Latency;
    }
}
