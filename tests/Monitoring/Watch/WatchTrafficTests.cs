using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Tensors;
using Modeldrop.Tests.Monitoring.Statistics;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Watch;

/// <summary>
/// Hours of normal values through the watch, without a floor, so that the evidence alone decides. bench/monitoring.sh has more kinds of
/// traffic and more streams.
/// </summary>
public sealed class WatchTrafficTests
{
    private const int Week = 168;

    private static readonly MonitoringOptions NoFloor = new() { Significance = 0.05, MinimumDistance = 0 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Watch_TenthOfADeviation_IsDetectedWithinTwoWeeks(int seed)
    {
        long? alarm = Alarms(seed, 4 * Week, (_, hour) => (100, hour >= Week ? 0.1 : 0)).FirstOrDefault();
        Assert.InRange(alarm!.Value, Week, 3 * Week);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Watch_DayAndNight_WithFewRowsAtNight_RaisesNoAlarm(int seed) => Assert.Empty(Alarms(seed, 4 * Week, (_, hour) =>
        ((int)(105 - (95 * Math.Cos(hour * Math.PI / 12))), Math.Sin(hour * Math.PI / 12))));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Watch_WeekendsWithoutTheDaysRhythm_RaiseNoAlarm(int seed) => Assert.Empty(Alarms(seed, 4 * Week, (_, hour) =>
        (100, WatchStep.CellOf(hour) >= 120 ? 0 : Math.Sin(hour * Math.PI / 12))));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Watch_DaysThatDifferForNoReason_RaiseNoAlarm(int seed) => Assert.Empty(Alarms(seed, 4 * Week, (_, hour) =>
        (100, 0.3 * NormalStreams.Normal(new Random((int)((hour / 24 * 7919) + seed))))));

    /// <summary>A watch that learns hour by hour would expect Friday as before the change, and Monday as after it.</summary>
    [Fact]
    public void Watch_TrafficReturnsAfterThreeWeeks_RaisesNoSecondAlarm()
    {
        List<long> alarms = Alarms(3, 8 * Week, (_, hour) => (100, hour >= (2 * Week) + 60 && hour < (5 * Week) + 60 ? 1 : 0));
        Assert.Single(alarms);
        Assert.InRange(alarms[0], (2 * Week) + 60, (2 * Week) + 64);
    }

    /// <summary>Looks at hours without traffic move the watch forward, too.</summary>
    [Fact]
    public void Watch_NoTrafficAfterMidnight_MeasuresTheNoiseOfTheDays()
    {
        var random = new Random(4);
        Tensor rows = Reals([.. Enumerable.Range(0, 5_000).Select(_ => NormalStreams.Normal(random))]);
        ReferenceProfile reference = ReferenceProfiler.Build([rows], []);
        WatchBaseline baseline = DriftWatch.BaselineOf(reference, null, ofLog: false);
        StoredWatch watch = StoredWatch.Begin(0, baseline.Shape);
        List<Spread> noise = [];
        for (int hour = 0; hour < 2 * Week; hour++)
        {
            if (hour % 24 is >= 2 and < 22)
            {
                watch = DriftWatch.Advance(
                    watch, baseline, HourOf(reference, random, hour, (100, 0.3 * (hour / 24 % 2))), new MonitoringOptions());
            }

            watch = watch with { ThroughHour = hour + 1 };
            // The first day of the watch is not whole.
            if (hour > Week + 24 && hour % 24 == 12)
            {
                noise.Add(watch.Season.Noise[0].DayShifts);
            }
        }

        Assert.Equal(noise.Count, noise.Distinct().Count());
    }

    /// <returns>The hours at which alarms began.</returns>
    private static List<long> Alarms(int seed, int hours, Func<Random, long, (int Rows, double Mean)> traffic)
    {
        var random = new Random(seed);
        List<double> pool = [];
        for (long hour = -6 * Week; hour < 0; hour++)
        {
            (int rows, double mean) = traffic(random, hour);
            pool.AddRange(Enumerable.Range(0, rows).Select(_ => mean + NormalStreams.Normal(random)));
        }

        double[] earlier = [.. pool];
        random.Shuffle(earlier);
        ReferenceProfile reference = ReferenceProfiler.Build([Reals(earlier[..10_000])], []);
        WatchBaseline baseline = DriftWatch.BaselineOf(reference, null, ofLog: false);
        StoredWatch watch = StoredWatch.Begin(0, baseline.Shape);
        List<long> alarms = [];
        for (int hour = 0; hour < hours; hour++)
        {
            bool hadAlarm = watch.Alarms.Count > 0;
            watch = DriftWatch.Advance(watch, baseline, HourOf(reference, random, hour, traffic(random, hour)), NoFloor);
            if (watch.Alarms.Count > 0 && !hadAlarm)
            {
                alarms.Add(hour);
            }
        }

        return alarms;
    }

    private static WatchHour HourOf(ReferenceProfile reference, Random random, long hour, (int Rows, double Mean) traffic)
    {
        FeatureCounts counts = reference.Features[0].EmptyCounts();
        new FeatureCounter(reference.Features[0]).Count(
            Reals([.. Enumerable.Range(0, traffic.Rows).Select(_ => traffic.Mean + NormalStreams.Normal(random))]), counts);
        double[] bins = [.. reference.Features[0].ComparedOf(counts).Select(count => (double)count)];
        return new WatchHour(hour, traffic.Rows, [bins], [1]);
    }

    private static Tensor Reals(double[] values) => Numbers("x", Datatype.Fp64, [values.Length], values);
}
