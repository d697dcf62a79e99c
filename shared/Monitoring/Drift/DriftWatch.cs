using Modeldrop.Monitoring.Profiles;
using Modeldrop.Predictions;
using Modeldrop.Registry;

namespace Modeldrop.Monitoring.Drift;

/// <summary>A feature under watch.</summary>
/// <param name="LogEvidence">Natural logarithm of the evidence against "no drift" since the watch began.</param>
/// <param name="Alarmed">Start of the hour with which it first sufficed; null: not yet.</param>
public sealed record WatchedFeature(string Name, bool IsOutput, double LogEvidence, DateTimeOffset? Alarmed);

/// <summary>What the hourly looks have come to. The chance of any alarm without drift is <see cref="Significance"/>, for all looks together.</summary>
/// <param name="Since">The first hour that counts.</param>
/// <param name="Through">Behind the last one.</param>
/// <param name="NeededLogEvidence">Of one feature alone; less of several together.</param>
public sealed record WatchState(
    DateTimeOffset Since, DateTimeOffset Through, long Rows, double Significance, double NeededLogEvidence, IReadOnlyList<WatchedFeature> Features)
{
    public bool HasAlarm => Features.Any(feature => feature.Alarmed is not null);
}

/// <summary>Looks at a version's traffic hour by hour, each hour once, without ever raising the chance of a false alarm by looking again.</summary>
/// <remarks>
/// The state is one row a version: the counts since the watch began, by days and for the last day by hours, changed by compare and swap. The evidence is a weighted sum over the starts of these blocks
/// (Shin, Ramdas and Rinaldo, E-detectors, 2024): what has not changed for weeks does not hide what changes now. Late records of hours that it has seen stay out of it (windows have them). A watch lasts <see cref="Length"/>, then
/// begins anew, so that a long quiet time does not hide what changes later; also when an alarm is over (<see cref="RestartAsync"/>), and
/// when the clock was put back.
/// </remarks>
public sealed class DriftWatch(ProfileStore profiles, WatchStore store)
{
    /// <summary>Four weeks: the stated chance of a false alarm is for such a time.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromDays(28);

    /// <summary>Takes the hours up to <paramref name="untilHour"/> into account. Safe to repeat, and to run by several at once.</summary>
    /// <param name="fromHour">Where a watch begins that has not begun.</param>
    public async Task<WatchState> AdvanceAsync(
        ModelName model, int version, ReferenceProfile reference, long fromHour, long untilHour, double significance, StorageMeter meter, CancellationToken cancellationToken)
    {
        while (true)
        {
            (StoredWatch? stored, Azure.ETag? tag) = await store.ReadAsync(model, version, meter, cancellationToken);
            StoredWatch watch = stored is not null && stored.Reference == reference.Digest ? stored : StoredWatch.Begin(fromHour, reference);
            if (watch.ThroughHour > untilHour + 1)
            {
                // The clock was put back: the hours up to there are still to come, and would count as seen.
                watch = StoredWatch.Begin(untilHour, reference);
            }
            else if (watch.ThroughHour >= untilHour)
            {
                return StateOf(watch, reference, significance);
            }

            await foreach (HourRow row in profiles.ReadAsync(model, version, watch.ThroughHour, untilHour, meter, cancellationToken)
                .Where(row => row.Profile.Reference == reference.Digest).WithCancellation(cancellationToken))
            {
                watch = row.Hour - watch.SinceHour >= (long)Length.TotalHours ? StoredWatch.Begin(row.Hour, reference) : watch;
                watch = watch.With(row.Hour, row.Profile.Rows, [.. reference.Features.Select((feature, index) => DriftEvaluator.Compared(feature, row.Profile.Features[index]))]);
                watch = watch with { Alarmed = Look(watch, reference, row.Hour, significance) };
            }

            watch = watch with { ThroughHour = untilHour };
            if (await store.TryWriteAsync(model, version, watch, tag, meter, cancellationToken))
            {
                return StateOf(watch, reference, significance);
            }
        }
    }

    /// <summary>Begins anew with the next hour.</summary>
    public async Task RestartAsync(ModelName model, int version, ReferenceProfile reference, StorageMeter meter, CancellationToken cancellationToken)
    {
        (StoredWatch? watch, Azure.ETag? tag) = await store.ReadAsync(model, version, meter, cancellationToken);
        if (watch is not null)
        {
            // Lost to another runner: that one has seen the end of the alarm as well, or will.
            await store.TryWriteAsync(model, version, StoredWatch.Begin(watch.ThroughHour, reference), tag, meter, cancellationToken);
        }
    }

    /// <summary>The features that are alarmed with the hour, those from before included.</summary>
    internal static IReadOnlyDictionary<int, long> Look(StoredWatch watch, ReferenceProfile reference, long hour, double significance)
    {
        int[] tested = Tested(reference);
        bool[] alarms = EBenjaminiHochberg.Select([.. tested.Select(index => EvidenceOf(watch, reference, index, significance / tested.Length))], significance / 2);
        var alarmed = new Dictionary<int, long>(watch.Alarmed);
        for (int position = 0; position < tested.Length; position++)
        {
            if (alarms[position])
            {
                alarmed.TryAdd(tested[position], hour);
            }
        }

        return alarmed;
    }

    /// <summary>Of all starts that the blocks allow, weighted: so a change is seen early, however long there was none.</summary>
    /// <param name="share">Of the significance: half of it is for the reference being off, half for the evidence.</param>
    private static double EvidenceOf(StoredWatch watch, ReferenceProfile reference, int index, double share)
    {
        ReferenceFeature feature = reference.Features[index];
        long[] before = DriftEvaluator.Compared(feature, feature.Counts);
        var test = new SequentialTest(before, feature.Kind == FeatureKind.Numeric, share / 2);
        long[] since = new long[before.Length];
        double evidence = double.NegativeInfinity;
        foreach (WatchBlock block in watch.Blocks.Reverse())
        {
            for (int bin = 0; bin < since.Length; bin++)
            {
                since[bin] += block.Bins[index][bin];
            }

            double part = test.LogEvidence(since) + Math.Log(watch.WeightOf(block.FromHour, Length.Days));
            double larger = Math.Max(evidence, part);
            evidence = larger + Math.Log(Math.Exp(evidence - larger) + Math.Exp(part - larger));
        }

        return double.IsNegativeInfinity(evidence) ? 0 : evidence;
    }

    private static int[] Tested(ReferenceProfile reference) =>
        [.. Enumerable.Range(0, reference.Features.Count)
            .Where(index => !reference.Features[index].Feature.IsSummary && reference.Features[index].Policy?.Watch != false
            && reference.Features[index].Counts.Total() > 0)];

    private static WatchState StateOf(StoredWatch watch, ReferenceProfile reference, double significance)
    {
        int[] tested = Tested(reference);
        return new WatchState(
            Hours.StartOf(watch.SinceHour),
            Hours.StartOf(watch.ThroughHour),
            watch.Rows,
            significance,
            Math.Log(Math.Max(1, tested.Length) / (significance / 2)),
            [
                .. tested.Select(index => new WatchedFeature(
                    reference.Features[index].Feature.Name,
                    reference.Features[index].Feature.IsOutput,
                    EvidenceOf(watch, reference, index, significance / tested.Length),
                    watch.Alarmed.TryGetValue(index, out long hour) ? Hours.StartOf(hour) : null)),
            ]);
    }
}
