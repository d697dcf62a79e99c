using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Watch;

/// <summary>The counts of one feature over consecutive hours.</summary>
/// <param name="Counts">
/// By bin, as <see cref="ReferenceFeature.ComparedOf"/> returns them, in effective rows: <see cref="WatchStep"/>.
/// </param>
/// <param name="Expected">
/// By bin, the expected counts for the same number of rows of these hours; empty while the season is unknown.
/// </param>
/// <param name="HourDoubt">Sum of rows² times <see cref="Expectation.HourDoubt"/>.</param>
/// <param name="DayDoubt">Sum of rows times <see cref="Expectation.DayDoubt"/>.</param>
internal sealed record WatchCounts(double[] Counts, double[] Expected, double HourDoubt, double DayDoubt)
{
    public static readonly WatchCounts Nothing = new([], [], 0, 0);

    public WatchCounts Add(WatchCounts other) => new(
        Sum(Counts, other.Counts), Sum(Expected, other.Expected), HourDoubt + other.HourDoubt, DayDoubt + other.DayDoubt);

    /// <summary>By bin; an empty side counts nothing.</summary>
    public static double[] Sum(double[] left, double[] right)
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

/// <summary>Counts of consecutive hours.</summary>
/// <param name="FromHour">The end of the previous block: hours without traffic belong to the block after them.</param>
/// <param name="LastHour">Inclusive.</param>
/// <param name="Hours">Number of hours with traffic.</param>
/// <param name="Rows">Logged rows.</param>
/// <param name="Features">By feature.</param>
internal sealed record WatchBlock(long FromHour, long LastHour, int Hours, double Rows, WatchCounts[] Features);

/// <summary>A change that persists.</summary>
/// <param name="Hour">The hour at which the evidence first sufficed.</param>
/// <param name="Since">The hour that explains the evidence best as the first hour of the change.</param>
internal sealed record WatchAlarm(long Hour, long Since);

/// <summary>The weekly pattern of a version's traffic that the watch has learned. It survives alarms and restarts.</summary>
/// <param name="FromHour">The first hour learned.</param>
/// <param name="Week">The week that is being learned, counted from <paramref name="FromHour"/>.</param>
/// <param name="IsKnown">Whether a whole week has been seen.</param>
/// <param name="TypicalRows">Rows of an ordinary hour; bursts count for a few ordinary hours.</param>
/// <param name="PeakRows">Rows of the busiest hour.</param>
/// <param name="Cells">
/// Finished weeks. By feature and hour of the week (starting Monday 00 UTC): counts by bin; empty for an hour that was never seen. Older
/// weeks weigh less.
/// </param>
/// <param name="Learning">The same for the week that is being learned. Nothing is compared with it.</param>
/// <param name="Whole">Finished weeks, by feature: counts by bin over all hours. Each row counts once.</param>
/// <param name="WholeLearning">The same for the week that is being learned.</param>
/// <param name="Noise">By feature.</param>
/// <remarks>
/// The pattern changes when a week ends, and not from hour to hour. So it always has whole weeks, and the hours of a week are compared with
/// one pattern: a pattern that is new on Monday and old on Friday would differ from both.
/// </remarks>
internal sealed record WatchSeason(
    long FromHour, long Week, bool IsKnown, double TypicalRows, double PeakRows, double[][][] Cells, double[][][] Learning,
    double[][] Whole, double[][] WholeLearning, WatchNoise[] Noise)
{
    /// <summary>A sample of how often distinct inputs occur.</summary>
    public KeySample Keys { get; init; } = new();

    /// <summary>Requests behind <see cref="Keys"/>.</summary>
    public long Records { get; init; }

    /// <summary>Cells of features of which no hour was seen.</summary>
    public static double[][][] Unseen(int features) =>
        [.. Enumerable.Range(0, features).Select(_ => Enumerable.Repeat(Array.Empty<double>(), SeasonModel.Cells).ToArray())];
}

/// <summary>The state of a watch: the counts since it began, in blocks that become coarser with age.</summary>
/// <param name="ThroughHour">The hour after the last one that counts.</param>
/// <param name="Reference">Digest of the bins.</param>
/// <param name="Blocks">Oldest first: one block per day, and the last <see cref="FineHours"/> hours by hour.</param>
/// <param name="Alarms">By position of the feature.</param>
internal sealed record StoredWatch(
    long SinceHour,
    long ThroughHour,
    string Reference,
    long Rows,
    IReadOnlyList<WatchBlock> Blocks,
    IReadOnlyDictionary<int, WatchAlarm> Alarms,
    WatchSeason Season)
{
    public const int FineHours = 24;

    private const int HoursOfADay = 24;

    /// <summary>A new watch without any knowledge.</summary>
    public static StoredWatch Begin(long hour, ReferenceShape shape) => new(
        hour, hour, shape.Digest, 0, [], new Dictionary<int, WatchAlarm>(),
        new WatchSeason(
            hour, 0, false, 0, 0, WatchSeason.Unseen(shape.Bins.Count), WatchSeason.Unseen(shape.Bins.Count),
            [.. shape.Bins.Select(_ => Array.Empty<double>())], [.. shape.Bins.Select(_ => Array.Empty<double>())],
            new WatchNoise[shape.Bins.Count]));

    /// <summary>The same season, without evidence.</summary>
    public StoredWatch BeginAgain(long hour) =>
        this with { SinceHour = hour, ThroughHour = hour, Rows = 0, Blocks = [], Alarms = new Dictionary<int, WatchAlarm>() };

    /// <summary>The watch with one more hour.</summary>
    public StoredWatch With(long hour, long rows, WatchCounts[] features)
    {
        List<WatchBlock> blocks = [];
        foreach (WatchBlock block in Blocks)
        {
            // All except the newest hours are kept by day, counted from the beginning.
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

    /// <summary>The weight of a start at that hour among all possible starts of a watch; all weights together are at most 1.</summary>
    /// <remarks>Half is assigned to the first hour and to the days, half to all other hours.</remarks>
    public double WeightOf(long hour, int days) =>
        hour == SinceHour ? 0.25
        : (hour - SinceHour) % HoursOfADay == 0 ? 0.25 / (days - 1)
        : 0.5 / (days * (HoursOfADay - 1));

    private long DayOf(long hour) => (hour - SinceHour) / HoursOfADay;
}

/// <summary>Identifies the bins: counts with the same shape belong to the same bins.</summary>
/// <param name="Bins">Number of bins by feature.</param>
internal sealed record ReferenceShape(string Digest, IReadOnlyList<int> Bins);
