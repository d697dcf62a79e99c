using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Compares counts with the reference: pure, the same counts give the same verdict.</summary>
public static class DriftEvaluator
{
    private const int BinsToName = 5;

    /// <param name="baseline">What the window is held against, in the order of the profile's features; null: the reference data.</param>
    /// <param name="current">In the order of the profile's features.</param>
    public static IReadOnlyList<FeatureDrift> Evaluate(
        ReferenceProfile reference, IReadOnlyList<FeatureCounts>? baseline, IReadOnlyList<FeatureCounts> current, MonitoringOptions options)
    {
        baseline ??= [.. reference.Features.Select(feature => feature.Counts)];
        IReadOnlyList<QualityIssue>[] issues = DriftQuality.Find(reference.Features, baseline, current, options);
        FeatureDrift[] features = [.. reference.Features.Select((feature, index) => Compare(feature, baseline[index], current[index], options) with { Issues = issues[index] })];
        int[] tested = [.. Enumerable.Range(0, features.Length).Where(index => features[index].Test is not null)];
        double[] adjusted = BenjaminiHochberg.Adjust([.. tested.Select(index => features[index].Test!.PValue)]);
        for (int position = 0; position < tested.Length; position++)
        {
            FeatureDrift feature = features[tested[position]];
            ReferenceFeature bins = reference.Features[tested[position]];
            int used = Compared(bins, baseline[tested[position]]).Zip(Compared(bins, current[tested[position]])).Count(bin => bin.First + bin.Second > 0);
            features[tested[position]] = feature with
            {
                AdjustedPValue = adjusted[position],
                Drifted = adjusted[position] <= options.Significance && feature.Matters,
                // With all other features unchanged it must pass as the only one.
                Detectable = used < 2 ? null
                    : DetectableShift.Of(feature.ReferenceCount, feature.CurrentCount, used, options.Significance / tested.Length, bins.Kind == FeatureKind.Numeric),
            };
        }

        return features;
    }

    /// <summary>The bins that are compared: all, but unseen categories, which are a question of quality.</summary>
    internal static long[] Compared(ReferenceFeature feature, FeatureCounts counts) => feature.Kind == FeatureKind.Category ? counts.Bins[..^1] : counts.Bins;

    private static FeatureDrift Compare(ReferenceFeature reference, FeatureCounts baseline, FeatureCounts current, MonitoringOptions options)
    {
        long[] before = Compared(reference, baseline);
        long[] now = Compared(reference, current);
        long referenceCount = before.Sum();
        long currentCount = now.Sum();
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
            Statistics = comparable ? [.. StatisticsOf(reference, baseline, current, before, now, options)] : [],
            Test = noVerdict is not null ? null
                : reference.Kind == FeatureKind.Numeric ? OrderedChiSquared.Test(before, now)
                : ChiSquared.Test(before, now),
            Quality = DriftQuality.SharesOf(reference, baseline, current),
            ReferenceMean = reference.MeanOf(baseline),
            CurrentMean = reference.MeanOf(current),
            ReferenceDeviation = reference.DeviationOf(baseline),
            CurrentDeviation = reference.DeviationOf(current),
            Bins = [.. labels.Select((label, bin) => new BinShift(label, baseline.Bins[bin], current.Bins[bin]))],
            MovedMost = comparable ? MovedMost(labels, before, now) : [],
        };
    }

    private static IEnumerable<StatisticValue> StatisticsOf(
        ReferenceFeature reference, FeatureCounts baseline, FeatureCounts current, long[] before, long[] now, MonitoringOptions options)
    {
        double n = before.Sum();
        double m = now.Sum();
        int used = before.Zip(now).Count(bin => bin.First + bin.Second > 0);
        double noise = used < 2 ? 0 : ChiSquared.Quantile(used - 1, options.Significance) * ((1 / n) + (1 / m));
        yield return Value(PopulationStabilityIndex.Name, PopulationStabilityIndex.Of(before, now), options.PsiThreshold, noise);
        yield return Value(JensenShannon.Name, JensenShannon.Distance(before, now), options.MinimumDistance, Math.Min(1, Math.Sqrt(noise / (8 * Math.Log(2)))));
        yield return Value(TotalVariation.Name, TotalVariation.Distance(before, now), null, null);
        if (reference.Kind == FeatureKind.Numeric)
        {
            yield return Value(KolmogorovSmirnov.Name, KolmogorovSmirnov.Distance(before, now), null, KolmogorovSmirnov.NoiseLimit(options.Significance, n, m));
            if (reference.DeviationOf(baseline) is > 0 and var deviation)
            {
                yield return Value(Wasserstein.Name, Wasserstein.Distance(before, now, reference.MiddlesOf(baseline, current), deviation), null, null);
            }
        }
    }

    private static StatisticValue Value(string name, double value, double? threshold, double? noise) => new(name, value, threshold, value >= threshold) { NoiseLimit = noise };

    private static string[] MovedMost(IReadOnlyList<string> labels, long[] before, long[] now)
    {
        double n = before.Sum();
        double m = now.Sum();
        return
        [
            .. Enumerable.Range(0, before.Length)
                .Select(bin => (Label: labels[bin], Change: Math.Abs((now[bin] / m) - (before[bin] / n))))
                .Where(bin => bin.Change > 0)
                .OrderByDescending(bin => bin.Change)
                .Take(BinsToName)
                .Select(bin => bin.Label),
        ];
    }
}
