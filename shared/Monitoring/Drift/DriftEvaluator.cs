using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Compares counts with the reference: pure, the same counts give the same verdict.</summary>
public static class DriftEvaluator
{
    private const int BinsToName = 5;

    /// <param name="current">In the order of the profile's features.</param>
    public static IReadOnlyList<FeatureDrift> Evaluate(ReferenceProfile reference, IReadOnlyList<FeatureCounts> current, MonitoringOptions options)
    {
        FeatureDrift[] features = [.. reference.Features.Select((feature, index) => Compare(feature, current[index], options))];
        int[] tested = [.. Enumerable.Range(0, features.Length).Where(index => features[index].Test is not null)];
        double[] adjusted = BenjaminiHochberg.Adjust([.. tested.Select(index => features[index].Test!.PValue)]);
        for (int position = 0; position < tested.Length; position++)
        {
            FeatureDrift feature = features[tested[position]];
            bool matters = feature.Statistics.Any(statistic => statistic.Name == JensenShannon.Name && statistic.Exceeded);
            features[tested[position]] = feature with
            {
                AdjustedPValue = adjusted[position],
                Drifted = adjusted[position] <= options.Significance && matters,
            };
        }

        return features;
    }

    private static FeatureDrift Compare(ReferenceFeature reference, FeatureCounts current, MonitoringOptions options)
    {
        long[] before = reference.Counts.Bins;
        long[] now = current.Bins;
        long referenceCount = reference.Counts.Total();
        long currentCount = current.Total();
        bool comparable = referenceCount > 0 && currentCount > 0;
        string? noVerdict = reference.Feature.IsSummary
            ? "All elements of a row are counted together; they depend on each other, so there is no test."
            : Math.Min(referenceCount, currentCount) < options.MinimumRows
                ? $"{currentCount} values in the window and {referenceCount} in the reference; a verdict needs {options.MinimumRows} of both."
                : null;
        IReadOnlyList<string> labels = reference.BinLabels();
        return new FeatureDrift
        {
            Name = reference.Feature.Name,
            IsOutput = reference.Feature.IsOutput,
            Kind = reference.Kind,
            Drifted = false,
            NoVerdict = noVerdict,
            ReferenceCount = referenceCount,
            CurrentCount = currentCount,
            Statistics = comparable
                ?
                [
                    Value(PopulationStabilityIndex.Name, PopulationStabilityIndex.Of(before, now), options.PsiThreshold),
                    Value(JensenShannon.Name, JensenShannon.Distance(before, now), options.MinimumDistance),
                ]
                : [],
            Test = noVerdict is null ? ChiSquared.Test(before, now) : null,
            Quality = Quality(reference, current),
            ReferenceMean = reference.MeanOf(reference.Counts),
            CurrentMean = reference.MeanOf(current),
            ReferenceDeviation = reference.DeviationOf(reference.Counts),
            CurrentDeviation = reference.DeviationOf(current),
            Bins = [.. labels.Select((label, bin) => new BinShift(label, before[bin], now[bin]))],
            MovedMost = comparable
                ?
                [
                    .. Enumerable.Range(0, labels.Count)
                        .Select(bin => (Label: labels[bin], Change: Math.Abs(((double)now[bin] / currentCount) - ((double)before[bin] / referenceCount))))
                        .Where(bin => bin.Change > 0)
                        .OrderByDescending(bin => bin.Change)
                        .Take(BinsToName)
                        .Select(bin => bin.Label),
                ]
                : [],
        };
    }

    private static StatisticValue Value(string name, double value, double threshold) => new(name, value, threshold, value >= threshold);

    private static FeatureQuality Quality(ReferenceFeature reference, FeatureCounts current)
    {
        long currentAll = AllOf(reference, current);
        long referenceAll = AllOf(reference, reference.Counts);
        bool numeric = reference.Kind == FeatureKind.Numeric;
        return new FeatureQuality(
            Share(current.Missing, currentAll),
            Share(reference.Counts.Missing, referenceAll),
            Share(current.NotANumber, currentAll),
            Share(reference.Counts.NotANumber, referenceAll),
            numeric ? Share(current.Bins[0] + current.Bins[^1], currentAll) : 0,
            numeric ? 0 : Share(current.Bins[^1], currentAll));
    }

    private static long AllOf(ReferenceFeature reference, FeatureCounts counts) =>
        counts.Total() + counts.Missing + (reference.Kind == FeatureKind.Numeric ? counts.NotANumber : 0);

    private static double Share(long part, long all) => all == 0 ? 0 : (double)part / all;
}
