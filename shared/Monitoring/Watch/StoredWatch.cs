using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Watch;

/// <summary>What some hours on end say about one feature.</summary>
/// <param name="Counts">By bin, as <see cref="ReferenceFeature.ComparedOf"/> gives them, in rows that count:
/// <see cref="WatchStep"/>.</param>
/// <param name="Expected">By bin, what as many rows of these hours should have come to; empty while the season is not known.</param>
/// <param name="HourDoubt">Sum of rows² times <see cref="Expectation.HourDoubt"/>.</param>
/// <param name="DayDoubt">Sum of rows times <see cref="Expectation.DayDoubt"/>.</param>
internal sealed record WatchCounts(double[] Counts, double[] Expected, double HourDoubt, double DayDoubt)
{
    public WatchCounts Add(WatchCounts other) => new(
        Sum(Counts, other.Counts), Sum(Expected, other.Expected), HourDoubt + other.HourDoubt, DayDoubt + other.DayDoubt);

    private static double[] Sum(double[] left, double[] right)
    {
        if (left.Length == 0 || right.Length == 0)
        {
            return left.Length == 0 ? right : left;
        }

        var sum = new double[left.Length];
        for (int bin = 0; bin < sum.Length; bin++)
        {
            sum[bin] = left[bin] + right[bin];
        }

        return sum;
    }
}

/// <summary>Counts of some hours on end.</summary>
/// <param name="FromHour">The end of the block before: hours without traffic belong to the block behind them.</param>
/// <param name="LastHour">Itself part of it.</param>
/// <param name="Hours">Hours with traffic.</param>
/// <param name="Rows">As they were logged.</param>
/// <param name="Features">By feature.</param>
internal sealed record WatchBlock(long FromHour, long LastHour, int Hours, double Rows, WatchCounts[] Features);

/// <summary>A change that stands.</summary>
/// <param name="Hour">With which the evidence first sufficed.</param>
/// <param name="Since">The hour that explains the evidence best as the change's first.</param>
internal sealed record WatchAlarm(long Hour, long Since);

/// <summary>What the watch has learned about the weekly pattern of a version's traffic; it outlives alarms and restarts.</summary>
/// <param name="FromHour">The first hour that was learned.</param>
/// <param name="IsKnown">A whole week has been seen.</param>
/// <param name="TypicalRows">Rows of an ordinary hour; bursts count for a few of them.</param>
/// <param name="PeakRows">Rows of the busiest hour.</param>
/// <param name="Cells">By feature and hour of the week (Monday 00 UTC first): counts by bin; empty for an hour that was never seen. Older
/// weeks weigh less.</param>
/// <param name="Whole">By feature: counts by bin of all hours, each row for one, older ones less.</param>
/// <param name="HourNoise">By feature: how far hours lie from what was expected.</param>
/// <param name="DayNoise">By feature: the same of whole days.</param>
internal sealed record WatchSeason(long FromHour, bool IsKnown, double TypicalRows, double PeakRows, double[][][] Cells, double[][] Whole,
    Spread[] HourNoise, Spread[] DayNoise)
{
    /// <summary>How often distinct inputs came.</summary>
    public KeySample Keys { get; init; } = new();

    /// <summary>Requests behind <see cref="Keys"/>.</summary>
    public long Records { get; init; }

    /// <summary>By how much rows of a feature vary more than rows by themselves would.</summary>
    public double NoiseOf(int feature) => Math.Max(HourNoise[feature].Factor, DayNoise[feature].Factor);
}

/// <summary>The state of a watch: the counts since it began, in blocks that become coarser with age.</summary>
/// <param name="ThroughHour">Behind the last hour that counts.</param>
/// <param name="Reference">Digest of the bins.</param>
/// <param name="Blocks">Oldest first: a block a day, the last <see cref="FineHours"/> hours by the hour.</param>
/// <param name="Alarms">By the feature's position.</param>
internal sealed record StoredWatch(
    long SinceHour, long ThroughHour, string Reference, long Rows, IReadOnlyList<WatchBlock> Blocks, IReadOnlyDictionary<int,
        WatchAlarm> Alarms, WatchSeason Season)
{
    public const int FineHours = 24;

    private const int HoursOfADay = 24;

    /// <summary>A watch that knows nothing.</summary>
    public static StoredWatch Begin(long hour, ReferenceShape shape) => new(
        hour, hour, shape.Digest, 0, [], new Dictionary<int, WatchAlarm>(),
        new WatchSeason(
            hour, false, 0, 0, [.. shape.Bins.Select(_ => Enumerable.Repeat(Array.Empty<double>(), SeasonModel.Cells).ToArray())],
            [.. shape.Bins.Select(_ => Array.Empty<double>())], new Spread[shape.Bins.Count], new Spread[shape.Bins.Count]));

    /// <summary>The same season, and no evidence.</summary>
    public StoredWatch BeginAgain(long hour) =>
        this with { SinceHour = hour, ThroughHour = hour, Rows = 0, Blocks = [], Alarms = new Dictionary<int, WatchAlarm>() };

    /// <summary>The same with one more hour.</summary>
    public StoredWatch With(long hour, long rows, WatchCounts[] features)
    {
        List<WatchBlock> blocks = [];
        foreach (WatchBlock block in Blocks)
        {
            // All but the newest hours are kept by days, counted from the begin.
            if (blocks.Count > 0 && block.FromHour < hour - FineHours && DayOf(blocks[^1].FromHour) == DayOf(block.FromHour))
            {
                WatchBlock day = blocks[^1];
                blocks[^1] = day with
                {
                    LastHour = block.LastHour,
                    Hours = day.Hours + block.Hours,
                    Rows = day.Rows + block.Rows,
                    Features = [.. day.Features.Zip(block.Features, (one, other) => one.Add(other))],
                };
            }
            else
            {
                blocks.Add(block);
            }
        }

        return this with { ThroughHour = hour + 1, Rows = Rows + rows,
            Blocks = [.. blocks, new WatchBlock(ThroughHour, hour, 1, rows, features)] };
    }

    /// <summary>What a start at that hour weighs among all possible starts of a watch; the sum over all is at most 1.</summary>
    /// <remarks>Half is for the first hour and for the days, half for all other hours.</remarks>
    public double WeightOf(long hour, int days) =>
        hour == SinceHour ? 0.25
        : (hour - SinceHour) % HoursOfADay == 0 ? 0.25 / (days - 1)
        : 0.5 / (days * (HoursOfADay - 1));

    private long DayOf(long hour) => (hour - SinceHour) / HoursOfADay;
}

/// <summary>What must be the same for counts to be of the same bins.</summary>
/// <param name="Bins">Bins by feature.</param>
internal sealed record ReferenceShape(string Digest, IReadOnlyList<int> Bins);
