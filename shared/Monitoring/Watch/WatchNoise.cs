using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Monitoring.Watch;

/// <summary>How far the traffic of one feature is from its expectations, beyond chance.</summary>
/// <param name="Hours">Hours, all bins.</param>
/// <param name="Days">Whole days, all bins.</param>
/// <param name="HourShifts">Hours, mean score.</param>
/// <param name="DayShifts">Whole days, mean score.</param>
/// <remarks>
/// Days that differ for no reason usually differ by a shift. It is then a small part of the spread of all bins, and the whole spread of the
/// mean score.
/// </remarks>
internal readonly record struct WatchNoise(Spread Hours, Spread Days, Spread HourShifts, Spread DayShifts)
{
    /// <summary>The share of cases in which the noise of a mean score is higher than <see cref="OfShift"/>.</summary>
    private const double Missed = 0.1;

    private const double HoursOfMemory = 168;
    private const int DaysOfMemory = 14;

    private static readonly double[] Lowest =
        [.. Enumerable.Range(1, DaysOfMemory).Select(days => ChiSquared.Quantile(days, 1 - Missed))];

    /// <summary>The factor by which rows vary more than independent rows.</summary>
    public double OfRows => Math.Max(Hours.Factor, Days.Factor);

    /// <summary>The same for the mean score, at its upper bound: a week has few days.</summary>
    public double OfShift => Math.Max(HourShifts.Factor,
        DayShifts.Chance < 1 ? 1 : Math.Max(1, DayShifts.Apart / Lowest[Math.Min((int)DayShifts.Chance, DaysOfMemory) - 1]));

    /// <summary>The noise after one more hour.</summary>
    /// <param name="counts">By bin.</param>
    /// <param name="shares">Expected, by bin.</param>
    /// <param name="doubt">1 / the number of rows from which the expectation is known.</param>
    public WatchNoise AndHour(double[] counts, double[] shares, double doubt) => this with
    {
        Hours = After(Hours, Spread.Of(counts, shares, doubt), HoursOfMemory),
        HourShifts = After(HourShifts, Spread.OfShift(counts, shares, doubt), HoursOfMemory),
    };

    /// <summary>The noise after one more day.</summary>
    /// <inheritdoc cref="AndHour"/>
    public WatchNoise AndDay(double[] counts, double[] shares, double doubt) => this with
    {
        Days = After(Days, Spread.Of(counts, shares, doubt), DaysOfMemory),
        DayShifts = After(DayShifts, Spread.OfShift(counts, shares, doubt), DaysOfMemory),
    };

    private static Spread After(Spread noise, Spread newest, double memory) =>
        (noise * (1 - (1 / memory))) + newest.AtMost(noise.Factor);
}
