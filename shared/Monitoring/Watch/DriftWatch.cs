using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Names;

namespace Modeldrop.Monitoring.Watch;

/// <summary>Examines a version's traffic hour by hour, each hour once. Repeated looks do not raise the chance of a false alarm.</summary>
/// <remarks>
/// An hour is compared with the expectation for its hour of the week: the baseline, adjusted by the weekly pattern in the log
/// (<see cref="SeasonModel"/>). Until a whole week has been seen, an alarm is raised only by values that no week like the reference could
/// contain (<see cref="SeasonBound"/>). The state is one row per version, changed by compare and swap: the pattern, and the counts since
/// the watch began, by day and for the last day by hour (<see cref="WatchLook"/>). Late records of examined hours are not added to it
/// (windows include them). A watch lasts <see cref="Length"/>, then a new one begins with the pattern learned so far. A new one also begins
/// when all alarms are over, and when the clock was set back. An alarm ends when the last day is within half the floor of the expectation
/// and is no evidence by itself.
/// </remarks>
public sealed class DriftWatch(ProfileStore profiles, WatchStore store)
{
    /// <summary>Four weeks: the stated chance of a false alarm holds for this period.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromDays(28);

    /// <summary>Examines the hours up to <paramref name="untilHour"/>. Safe to repeat, and to run on several instances at once.</summary>
    /// <param name="fromHour">Where the watch begins if it has not begun yet.</param>
    internal async Task<WatchState> AdvanceAsync(
        VersionName version,
        ReferenceProfile reference,
        WatchBaseline baseline,
        long fromHour,
        long untilHour,
        MonitoringOptions options,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            (StoredWatch? stored, Azure.ETag? tag) = await store.ReadAsync(version, cancellationToken);
            StoredWatch watch = stored is not null && stored.Reference == baseline.Reference ? stored
                : StoredWatch.Begin(fromHour, baseline.Shape);
            if (watch.ThroughHour > untilHour + 1)
            {
                // The clock was set back: the hours up to there are still to come, and would count as seen.
                watch = watch.BeginAgain(untilHour);
            }
            else if (watch.ThroughHour >= untilHour)
            {
                return StateOf(watch, reference, baseline.Beside(watch.Season), options);
            }

            await foreach (HourRow row in profiles.ReadAsync(version, watch.ThroughHour, untilHour, cancellationToken)
                .Where(row => row.Profile.Reference == reference.Digest).WithCancellation(cancellationToken))
            {
                watch = Advance(watch, baseline, HourOf(reference, baseline, row), options);
            }

            watch = watch with { ThroughHour = untilHour };
            if (await store.TryWriteAsync(version, watch, tag, cancellationToken))
            {
                return StateOf(watch, reference, baseline.Beside(watch.Season), options);
            }
        }
    }

    /// <summary>The baseline of a watch over these bins.</summary>
    /// <param name="counts">Counts of a pinned window; null: the reference's own.</param>
    /// <param name="ofLog">Whether the log's own weeks are the baseline.</param>
    internal static WatchBaseline BaselineOf(ReferenceProfile reference, HourProfile? counts, bool ofLog)
    {
        // A few hours of the log are not a week: values that they lack may occur every evening.
        bool isShort = reference is { LoggedFrom: { } from, LoggedTo: { } to } && to - from < TimeSpan.FromDays(7);
        return new WatchBaseline(
            reference.Digest,
            [.. reference.Features.Select((feature, index) =>
                Reals(feature.ComparedOf(counts?.Features[index] ?? feature.Counts)))],
            counts is null ? [.. reference.Features.Select(_ => 1.0)]
                : [.. RowWeights.Of(reference, counts, counts).Baseline.Select(weight => weight.Effect)],
            [.. reference.Features.Select(feature => feature.Kind == FeatureKind.Numeric)],
            [.. reference.Features.Select(feature => feature.Policy?.Floor)],
            Tested(reference, isOwn: counts is null && !ofLog),
            ofLog || (counts is null && isShort),
            counts is null && !isShort,
            counts is null)
        {
            Wholes = reference.Wholes(),
            ReferenceKeys = reference.Sample(),
            ReferenceRows = reference.Rows,
        };
    }

    /// <summary>Returns the watch with one more hour.</summary>
    internal static StoredWatch Advance(StoredWatch watch, WatchBaseline baseline, WatchHour hour, MonitoringOptions options)
    {
        if (watch.Alarms.Count == 0 && hour.Hour - watch.SinceHour >= (long)Length.TotalHours)
        {
            watch = watch.BeginAgain(hour.Hour);
        }

        watch = WatchStep.Take(watch, baseline, hour, options.Significance);
        return Look(watch, baseline.Beside(watch.Season), hour.Hour, options);
    }

    /// <summary>Raises alarms that begin with the hour, and ends those that end with it.</summary>
    internal static StoredWatch Look(StoredWatch watch, WatchBaseline baseline, long hour, MonitoringOptions options)
    {
        Evidence[] evidence = [.. baseline.Tested.Select(feature =>
            new WatchLook(watch, baseline, feature).Weigh(options, Length.Days))];
        bool[] enough = EBenjaminiHochberg.Select([.. evidence.Select(one => one.LogEvidence)], options.Significance / 2);
        var alarms = new Dictionary<int, WatchAlarm>(watch.Alarms);
        foreach ((int position, int feature) in baseline.Tested.Index())
        {
            if (watch.Alarms.ContainsKey(feature))
            {
                Recent recent = new WatchLook(watch, baseline, feature).Recent(options.Significance);
                double floor = baseline.Floors[feature] ?? options.MinimumDistance;
                if (recent.Rows >= options.MinimumRows && recent.Distance <= floor / 2 && recent.LogEvidence <= 0)
                {
                    alarms.Remove(feature);
                }
            }
            else if (enough[position] && evidence[position].Matters)
            {
                alarms[feature] = new WatchAlarm(hour, evidence[position].Since);
            }
        }

        // The alarm is over: its evidence must neither hide the next change nor raise the same alarm again.
        return watch.Alarms.Count > 0 && alarms.Count == 0 ? watch.BeginAgain(watch.ThroughHour) : watch with { Alarms = alarms };
    }

    /// <summary>Converts an hour of the log for the watch.</summary>
    internal static WatchHour HourOf(ReferenceProfile reference, WatchBaseline baseline, HourRow row)
    {
        double copies = DesignEffect.OfCopies(row.Profile.Keys, row.Profile.Records, baseline.ReferenceKeys, reference.Rows);
        return new WatchHour(
            row.Hour,
            row.Profile.Rows,
            [.. reference.Features.Select((feature, index) => Reals(feature.ComparedOf(row.Profile.Features[index])))],
            [.. baseline.Wholes.Select(whole => copies * EffectOf(row.Profile.Features[whole], baseline, whole))])
        {
            Keys = row.Profile.Keys,
            Records = row.Profile.Records,
        };
    }

    /// <summary>An hour with few requests does not show how similar other requests are; the baseline does.</summary>
    private static double EffectOf(FeatureCounts counts, WatchBaseline baseline, int feature) => DesignEffect.OfRequests(
        counts,
        DesignEffect.RequestsOf(counts) >= DesignEffect.MinRequests ? null : baseline.SharesOf(feature).Sum(share => share * share));

    private static double[] Reals(long[] counts) => [.. counts.Select(count => (double)count)];

    private static int[] Tested(ReferenceProfile reference, bool isOwn) =>
        [.. reference.Features.Index().Where(one => one.Item is { Feature.IsSummary: false, Policy: not { Watch: false } }
            && !(isOwn && one.Item.IsFixed)
            && (one.Item.TimeRole is null || one.Item.Policy?.Watch == true) && one.Item.Counts.Total() > 0).Select(one => one.Index)];

    private static WatchState StateOf(StoredWatch watch, ReferenceProfile reference, WatchBaseline baseline, MonitoringOptions options) =>
        new(
        Hours.StartOf(watch.SinceHour),
        Hours.StartOf(watch.ThroughHour),
        watch.Rows,
        options.Significance,
        Math.Log(Math.Max(1, baseline.Tested.Count) / (options.Significance / 2)),
        [.. baseline.Tested.Select(feature => FeatureOf(watch, reference, baseline, feature, options))])
    {
        SeasonKnownFrom = Hours.StartOf(watch.Season.FromHour + SeasonModel.Cells),
        IsSeasonKnown = watch.Season.IsKnown,
    };

    private static WatchedFeature FeatureOf(
        StoredWatch watch, ReferenceProfile reference, WatchBaseline baseline, int feature, MonitoringOptions options)
    {
        WatchAlarm? alarm = watch.Alarms.GetValueOrDefault(feature);
        Recent recent = new WatchLook(watch, baseline, feature).Recent(options.Significance);
        return new WatchedFeature(
            reference.Features[feature].Feature.Name,
            reference.Features[feature].Feature.IsOutput,
            new WatchLook(watch, baseline, feature).Weigh(options, Length.Days).LogEvidence,
            alarm is null ? null : Hours.StartOf(alarm.Hour))
        {
            Since = alarm is null ? null : Hours.StartOf(alarm.Since),
            Distance = recent.Distance,
            Noise = watch.Season.IsKnown ? watch.Season.Noise[feature].OfRows : null,
        };
    }
}
