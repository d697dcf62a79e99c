using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;

namespace Modeldrop.Lifecycle.Drills;

/// <summary>Runs the watch over streams built from days of the log, unchanged and with changes.</summary>
/// <remarks>
/// A stream has four weeks. Each of its days is a whole day of the log, drawn at random from those of the same weekday (block bootstrap:
/// Künsch, The jackknife and the bootstrap for general stationary observations, 1989), because the hours of a day depend on each other and
/// weekdays differ. So a stream is unchanged by construction, and an alarm is a false one. A change begins after two weeks, in one input
/// drawn at random; its slices change with it, outputs do not.
/// </remarks>
internal sealed class DriftDrill
{
    /// <summary>Days of the log that a drill needs: a week.</summary>
    public const int MinDays = 7;

    /// <summary>Most streams of a drill: more would add little.</summary>
    public const int MaxStreams = 40;

    private const int Hours = 28 * HoursOfADay;
    private const int ChangeHour = 14 * HoursOfADay;
    private const int HoursOfADay = 24;
    private const int Week = 7;

    /// <summary>Hours after a change at which the data quality of the preceding day is checked.</summary>
    private static readonly int[] QualityLooks = [1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48];

    // 1970-01-01 was a Thursday; streams begin on a Monday.
    private const int FirstMonday = 4;

    private readonly ReferenceProfile _reference;
    private readonly WatchBaseline _baseline;
    private readonly MonitoringOptions _options;
    private readonly HourRow[][][] _daysByWeekday;
    private readonly int[] _inputs;

    /// <param name="hours">Hours of the log, ascending.</param>
    /// <param name="baseline">The baseline that the watch would use.</param>
    /// <param name="options">Options with the version's significance.</param>
    public DriftDrill(ReferenceProfile reference, IReadOnlyList<HourRow> hours, WatchBaseline baseline, MonitoringOptions options)
    {
        (_reference, _baseline, _options) = (reference, baseline, options);
        HourRow[][] days = [.. hours.GroupBy(row => Math.DivRem(row.Hour, HoursOfADay).Quotient).Select(day => day.ToArray())];
        Days = days.Length;
        _daysByWeekday = [.. Enumerable.Range(0, Week).Select(weekday =>
        {
            HourRow[][] same = [.. days.Where(day => WeekdayOf(day[0].Hour) == weekday)];
            return same.Length > 0 ? same : days;
        })];
        _inputs = [.. baseline.Tested.Where(index => reference.Features[index].Feature is { IsOutput: false, Slice: < 0, Groups: 0 })];
    }

    /// <summary>Number of different days of the log.</summary>
    public int Days { get; }

    /// <summary>Runs as many streams as the time allows; none if the first takes longer.</summary>
    /// <param name="isOver">Whether the time is up.</param>
    public (int Streams, int Alarms, int QualityAlarms, IReadOnlyList<ChangeDrillResult> Changes) Run(
        int seed, Func<bool> isOver, CancellationToken cancellationToken)
    {
        (int streams, int alarms, int quality) = (0, 0, 0);
        DrillChange[] kinds = Enum.GetValues<DrillChange>();
        Dictionary<DrillChange, List<Tried>> tried = kinds.ToDictionary(kind => kind, _ => new List<Tried>());
        for (; streams < MaxStreams && !isOver(); streams++)
        {
            var random = new Random(unchecked((seed * 397) ^ streams));
            HourRow[] stream = StreamOf(random);
            if (Unchanged(stream, isOver, cancellationToken) is not { } unchanged)
            {
                break;
            }

            (alarms, quality) = (alarms + (unchanged.Alarm ? 1 : 0), quality + (IsBadOnAnyDay(stream) ? 1 : 0));
            foreach (DrillChange kind in kinds)
            {
                int[] able = [.. _inputs.Where(input => DrillChanges.Fits(kind, _reference.Features[input]))];
                if (able.Length > 0 && unchanged.BeforeChange is { } before && !isOver())
                {
                    tried[kind].Add(Change(stream, before, kind, able[random.Next(able.Length)], cancellationToken));
                }
            }
        }

        return (streams, alarms, quality, [.. kinds.Select(kind => ResultOf(kind, tried[kind]))]);
    }

    private HourRow[] StreamOf(Random random)
    {
        List<HourRow> stream = [];
        for (int day = 0; day < Hours / HoursOfADay; day++)
        {
            HourRow[][] same = _daysByWeekday[day % Week];
            stream.AddRange(same[random.Next(same.Length)].Select(row =>
                row with { Hour = ((FirstMonday + day) * HoursOfADay) + (row.Hour % HoursOfADay) }));
        }

        return [.. stream];
    }

    /// <returns>
    /// The state of the watch when the change begins, null if it has raised an alarm by then; null as a whole if the time was up.
    /// </returns>
    private (bool Alarm, StoredWatch? BeforeChange)? Unchanged(HourRow[] stream, Func<bool> isOver, CancellationToken cancellationToken)
    {
        StoredWatch watch = StoredWatch.Begin(FirstMonday * HoursOfADay, _baseline.Shape);
        StoredWatch? before = null;
        foreach (HourRow row in stream)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (isOver())
            {
                return null;
            }

            if (row.Hour >= StartOfChange)
            {
                before ??= watch;
            }

            watch = DriftWatch.Advance(watch, _baseline, DriftWatch.HourOf(_reference, _baseline, row), _options);
            if (watch.Alarms.Count > 0)
            {
                return (true, before);
            }
        }

        return (false, before ?? watch);
    }

    private Tried Change(HourRow[] stream, StoredWatch watch, DrillChange kind, int input, CancellationToken cancellationToken)
    {
        HourRow[] changed = [.. stream.Where(row => row.Hour >= StartOfChange).Select(row => row with
        {
            Profile = Changed(row.Profile, kind, input),
        })];
        int? drift = null;
        foreach (HourRow row in changed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            watch = DriftWatch.Advance(watch, _baseline, DriftWatch.HourOf(_reference, _baseline, row), _options);
            if (watch.Alarms.Count > 0)
            {
                drift = (int)(row.Hour - StartOfChange) + 1;
                break;
            }
        }

        HourRow[] all = [.. stream.Where(row => row.Hour < StartOfChange), .. changed];
        int? quality = QualityLooks.Cast<int?>().FirstOrDefault(after => IsBad(all, StartOfChange + after!.Value));
        return new Tried(_reference.Features[input].Feature.Name, drift, quality);
    }

    private HourProfile Changed(HourProfile profile, DrillChange kind, int input)
    {
        Feature changed = _reference.Features[input].Feature;
        HourProfile result = HourProfile.Of(profile.Reference, [.. _reference.Features.Zip(profile.Features, (feature, counts) =>
            feature.Feature.Tensor == changed.Tensor && feature.Feature.Column == changed.Column && !feature.Feature.IsOutput
                ? DrillChanges.Apply(kind, feature, counts) : counts)]);
        (result.Records, result.Rows) = (profile.Records, profile.Rows);
        result.Keys.Add(profile.Keys);
        return result;
    }

    private bool IsBadOnAnyDay(HourRow[] stream) =>
        Enumerable.Range(1, Hours / HoursOfADay).Any(day => IsBad(stream, (FirstMonday + day) * HoursOfADay));

    /// <summary>Whether the data quality of the day before <paramref name="end"/> raises an alert.</summary>
    private bool IsBad(HourRow[] stream, long end)
    {
        HourProfile sum = HourProfile.Empty(_reference);
        foreach (HourRow row in stream.Where(row => row.Hour >= end - HoursOfADay && row.Hour < end))
        {
            sum.Add(row.Profile);
        }

        return DriftQuality.Find(
            _reference.Features, true, [.. _reference.Features.Select(feature => feature.Counts)], sum.Features, _options.Significance,
            _options, RowWeights.Of(_reference, null, sum)).Any(issues => issues.Count > 0);
    }

    private static ChangeDrillResult ResultOf(DrillChange kind, List<Tried> tried) => new(
        kind, DrillChanges.WordsOf(kind), [.. tried.Select(one => one.Input).Distinct().Order(StringComparer.Ordinal)], tried.Count,
        Delays.Of([.. tried.Select(one => one.Drift)]), Delays.Of([.. tried.Select(one => one.Quality)]));

    private static long StartOfChange => (FirstMonday * HoursOfADay) + ChangeHour;

    private static int WeekdayOf(long hour) => WatchStep.CellOf(hour) / HoursOfADay;

    /// <summary>Hours until a change was seen; null: not within two weeks.</summary>
    private sealed record Tried(string Input, int? Drift, int? Quality);
}
