using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Monitoring.Watch;

namespace Modeldrop.Monitoring.Drift;

public enum QualityIssueKind
{
    /// <summary>More (or fewer) values are missing than in the reference.</summary>
    Missing,

    NotANumber,

    /// <summary>Numbers below the reference's minimum or above its maximum.</summary>
    OutOfRange,

    /// <summary>Categories that the reference does not have.</summary>
    Unseen,
}

/// <summary>A defect in the values of a feature, independent of the distribution of its good values.</summary>
/// <param name="Share">Share of the window's values, 0 to 1.</param>
/// <param name="ReferenceShare">Share of the reference's values.</param>
/// <param name="AdjustedPValue">Fisher's exact test, adjusted over all features and kinds of the check.</param>
public sealed record QualityIssue(QualityIssueKind Kind, double Share, double ReferenceShare, double AdjustedPValue);

/// <summary>Finds shares of bad values that differ from the reference's significantly, and by enough to matter.</summary>
internal static class DriftQuality
{
    public static FeatureQuality SharesOf(ReferenceFeature reference, FeatureCounts baseline, FeatureCounts current)
    {
        bool numeric = reference.Kind == FeatureKind.Numeric;
        long all = AllOf(reference, current);
        long before = AllOf(reference, baseline);
        return new FeatureQuality(
            Share(current.Missing, all),
            Share(baseline.Missing, before),
            Share(current.NotANumber, all),
            Share(baseline.NotANumber, before),
            numeric ? Share(Outside(current), all) : 0,
            numeric ? 0 : Share(reference.UnseenOf(current), all));
    }

    /// <summary>Returns the issues of each feature; none for features that the manifest does not watch.</summary>
    /// <param name="isOwn">
    /// Whether the bins were made from the baseline. Its own values then set the range, and some new values always fall outside.
    /// </param>
    public static IReadOnlyList<QualityIssue>[] Find(
        IReadOnlyList<ReferenceFeature> features, bool isOwn, IReadOnlyList<FeatureCounts> baseline, IReadOnlyList<FeatureCounts> current,
        double significance, MonitoringOptions options, RowWeights? weights = null)
    {
        weights ??= RowWeights.One(features.Count);
        List<(int Feature, QualityIssueKind Kind, double Share, double Before, double P)> found = [];
        for (int index = 0; index < features.Count; index++)
        {
            ReferenceFeature feature = features[index];
            // Elements of a row depend on each other, so rows are counted.
            int perRow = feature.Feature.IsSummary ? Math.Max(1, feature.Feature.Width) : 1;
            (double effect, double effectBefore) = (weights.Current[index].Effect * perRow, weights.Baseline[index].Effect * perRow);
            long all = Whole(AllOf(feature, current[index]), effect);
            long before = Whole(AllOf(feature, baseline[index]), effectBefore);
            if (Math.Min(all, before) < options.MinimumRows || feature.Policy?.Watch == false
                || (feature.IsFixed && isOwn) || !weights.Current[index].IsKnown)
            {
                continue;
            }

            foreach ((QualityIssueKind kind, long allBad, long allBadBefore) in CountsOf(feature, isOwn, baseline[index], current[index]))
            {
                (long bad, long badBefore) = (Math.Min(all, Whole(allBad, effect)), Math.Min(before, Whole(allBadBefore, effectBefore)));
                double chance = kind == QualityIssueKind.OutOfRange && isOwn && OwnEnds(feature) is > 0 and var ends
                    ? RecordTail.Of(
                        bad - badBefore, Whole(current[index].Total(), effect), Whole(baseline[index].Total(), effectBefore), ends)
                    : FisherTail.TwoSided(badBefore, before, bad, all);
                found.Add((index, kind, Share(bad, all), Share(badBefore, before), chance));
            }
        }

        double[] adjusted = BenjaminiHochberg.Adjust([.. found.Select(one => one.P)]);
        var issues = Enumerable.Range(0, features.Count).Select(_ => new List<QualityIssue>()).ToArray();
        foreach ((int position, (int Feature, QualityIssueKind Kind, double Share, double Before, double P) one) in found.Index())
        {
            if (adjusted[position] <= significance && IsLarge(one.Before, one.Share, options))
            {
                issues[one.Feature].Add(new QualityIssue(one.Kind, one.Share, one.Before, adjusted[position]));
            }
        }

        return [.. issues];
    }

    private static IEnumerable<(QualityIssueKind Kind, long Bad, long BadBefore)> CountsOf(
        ReferenceFeature feature, bool isOwn, FeatureCounts baseline, FeatureCounts current)
    {
        yield return (QualityIssueKind.Missing, current.Missing, baseline.Missing);
        if (feature.Kind == FeatureKind.Numeric)
        {
            yield return (QualityIssueKind.NotANumber, current.NotANumber, baseline.NotANumber);
            yield return (QualityIssueKind.OutOfRange, Outside(current), Outside(baseline));
        }
        else
        {
            // A reference that lists its own values has no unseen ones. The values that occur once in it estimate the share that it lacks
            // (Good and Turing).
            yield return (QualityIssueKind.Unseen, feature.UnseenOf(current), isOwn
                ? Math.Max(feature.Singletons, feature.UnseenOf(baseline)) : feature.UnseenOf(baseline));
        }
    }

    private static bool IsLarge(double before, double now, MonitoringOptions options) =>
        Math.Abs(now - before) >= options.MinimumQualityChange || BinChanges.Matters(before, now, options);

    /// <summary>
    /// How many ends of the range come from the reference; 0 when the manifest gives both, or when the reference has values outside.
    /// </summary>
    private static int OwnEnds(ReferenceFeature feature) =>
        Outside(feature.Counts) > 0 ? 0 : (feature.Policy?.Range?.Min is null ? 1 : 0) + (feature.Policy?.Range?.Max is null ? 1 : 0);

    private static long Whole(long count, double effect) => (long)Math.Round(count / effect);

    private static long Outside(FeatureCounts counts) => counts.Bins[0] + counts.Bins[^1];

    private static long AllOf(ReferenceFeature reference, FeatureCounts counts) =>
        counts.Total() + counts.Missing + (reference.Kind == FeatureKind.Numeric ? counts.NotANumber : 0);

    private static double Share(long part, long all) => all == 0 ? 0 : (double)part / all;
}
