using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Drift;

public enum QualityIssueKind
{
    /// <summary>More (or fewer) values are missing than in the reference.</summary>
    Missing,

    NotANumber,

    /// <summary>Numbers below the reference's least or above its greatest.</summary>
    OutOfRange,

    /// <summary>Categories that the reference does not have.</summary>
    Unseen,
}

/// <summary>What is wrong with the values of a feature, apart from how the good ones are distributed.</summary>
/// <param name="Share">Of the values of the window; 0 to 1.</param>
/// <param name="ReferenceShare">Of the reference's.</param>
/// <param name="AdjustedPValue">Fisher's exact test, adjusted over all features and kinds of the check.</param>
public sealed record QualityIssue(QualityIssueKind Kind, double Share, double ReferenceShare, double AdjustedPValue);

/// <summary>Finds shares of bad values that are significantly other than the reference's, and by enough to matter.</summary>
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
            numeric ? 0 : Share(current.Bins[^1], all));
    }

    /// <summary>For each feature its issues.</summary>
    public static IReadOnlyList<QualityIssue>[] Find(
        IReadOnlyList<ReferenceFeature> features, IReadOnlyList<FeatureCounts> baseline, IReadOnlyList<FeatureCounts> current,
            MonitoringOptions options, RowWeights? weights = null)
    {
        weights ??= RowWeights.One(features.Count);
        List<(int Feature, QualityIssueKind Kind, double Share, double Before, double P)> found = [];
        for (int index = 0; index < features.Count; index++)
        {
            ReferenceFeature feature = features[index];
            long all = AllOf(feature, current[index]);
            long before = AllOf(feature, baseline[index]);
            (double effect, double effectBefore) = (weights.Current[index].Effect, weights.Baseline[index].Effect);
            if (Math.Min(all / effect, before / effectBefore) < options.MinimumRows
                || DesignEffect.RequestsOf(current[index]) < DesignEffect.MinRequests)
            {
                continue;
            }

            foreach ((QualityIssueKind kind, long bad, long badBefore) in CountsOf(feature, baseline[index], current[index]))
            {
                found.Add((index, kind, Share(bad, all), Share(badBefore, before),
                    TwoSided(Whole(badBefore, effectBefore), Whole(before, effectBefore), Whole(bad, effect), Whole(all, effect))));
            }
        }

        double[] adjusted = BenjaminiHochberg.Adjust([.. found.Select(one => one.P)]);
        var issues = Enumerable.Range(0, features.Count).Select(_ => new List<QualityIssue>()).ToArray();
        foreach ((int position, (int Feature, QualityIssueKind Kind, double Share, double Before, double P) one) in found.Index())
        {
            if (adjusted[position] <= options.Significance && Math.Abs(one.Share - one.Before) >= options.MinimumQualityChange)
            {
                issues[one.Feature].Add(new QualityIssue(one.Kind, one.Share, one.Before, adjusted[position]));
            }
        }

        return [.. issues];
    }

    private static IEnumerable<(QualityIssueKind Kind, long Bad, long BadBefore)> CountsOf(ReferenceFeature feature, FeatureCounts baseline, FeatureCounts current)
    {
        yield return (QualityIssueKind.Missing, current.Missing, baseline.Missing);
        if (feature.Kind == FeatureKind.Numeric)
        {
            yield return (QualityIssueKind.NotANumber, current.NotANumber, baseline.NotANumber);
            yield return (QualityIssueKind.OutOfRange, Outside(current), Outside(baseline));
        }
        else
        {
            yield return (QualityIssueKind.Unseen, current.Bins[^1], baseline.Bins[^1]);
        }
    }

    private static long Whole(long count, double effect) => (long)Math.Round(count / effect);

    private static double TwoSided(long firstBad, long first, long secondBad, long second) =>
        Math.Min(1, 2 * Math.Min(FisherTail.Of(firstBad, first, secondBad, second), FisherTail.Of(secondBad, second, firstBad, first)));

    private static long Outside(FeatureCounts counts) => counts.Bins[0] + counts.Bins[^1];

    private static long AllOf(ReferenceFeature reference, FeatureCounts counts) =>
        counts.Total() + counts.Missing + (reference.Kind == FeatureKind.Numeric ? counts.NotANumber : 0);

    private static double Share(long part, long all) => all == 0 ? 0 : (double)part / all;
}
