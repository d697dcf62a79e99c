using System.Globalization;
using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Compares counts with the reference: pure, the same counts give the same verdict.</summary>
public static class DriftEvaluator
{
    private const int BinsToName = 5;

    /// <param name="baseline">What the window is held against, in the order of the profile's features; null: the reference data.</param>
    /// <param name="current">In the order of the profile's features.</param>
    /// <param name="weights">How many rows say as much as one by itself; null: each row counts.</param>
    public static IReadOnlyList<FeatureDrift> Evaluate(
        ReferenceProfile reference, IReadOnlyList<FeatureCounts>? baseline, IReadOnlyList<FeatureCounts> current,
            MonitoringOptions options, RowWeights? weights = null)
    {
        weights ??= RowWeights.One(reference.Features.Count);
        baseline ??= [.. reference.Features.Select(feature => feature.Counts)];
        IReadOnlyList<QualityIssue>[] issues = DriftQuality.Find(reference.Features, baseline, current, options, weights);
        FeatureDrift[] features = [.. reference.Features.Select((feature, index) =>
            Compare(feature, baseline[index], current[index], options, weights.Baseline[index],
            weights.Current[index]) with { Issues = issues[index] })];
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
                    : DetectableShift.Of((long)(feature.ReferenceCount / weights.Baseline[tested[position]].Effect),
                        (long)feature.EffectiveCount, used, options.Significance / tested.Length, bins.Kind == FeatureKind.Numeric),
            };
        }

        return features;
    }

    /// <summary>The bins that are compared: all, but unseen categories, which are a question of quality.</summary>
    internal static long[] Compared(ReferenceFeature feature, FeatureCounts counts) => feature.Kind == FeatureKind.Category ? counts.Bins[..^1] : counts.Bins;

    private static FeatureDrift Compare(ReferenceFeature reference, FeatureCounts baseline, FeatureCounts current,
        MonitoringOptions options, RowWeight weightBefore, RowWeight weight)
    {
        long[] before = Compared(reference, baseline);
        long[] now = Compared(reference, current);
        long referenceCount = before.Sum();
        long currentCount = now.Sum();
        bool comparable = referenceCount > 0 && currentCount > 0;
        string? noVerdict = reference.Feature.IsSummary
            ? "All elements of a row are counted together; they depend on each other, so there is no test."
            : reference.TimeRole is { } role ? TimeFunction.WordsOf(role)
            : DesignEffect.RequestsOf(current) < DesignEffect.MinRequests
                ? $"{currentCount} values, nearly all of fewer than {DesignEffect.MinRequests} requests: "
                    + "whether rows of a request resemble each other cannot be told."
            : Math.Min(referenceCount / weightBefore.Effect, currentCount / weight.Effect) < options.MinimumRows
                ? TooFew(currentCount, weight, referenceCount, weightBefore, options.MinimumRows)
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
            EffectiveCount = currentCount / weight.Effect,
            EffectiveReferenceCount = referenceCount / weightBefore.Effect,
            WhyFewer = WhyFewer(weight),
            Statistics = comparable ? [.. StatisticsOf(reference, baseline, current, before, now, options, weightBefore.Effect,
                weight.Effect)] : [],
            Test = noVerdict is not null ? null
                : reference.Kind == FeatureKind.Numeric ? OrderedChiSquared.Test(Deflated(before, weightBefore), Deflated(now, weight))
                : ChiSquared.Test(Deflated(before, weightBefore), Deflated(now, weight)),
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
        ReferenceFeature reference, FeatureCounts baseline, FeatureCounts current, long[] before, long[] now, MonitoringOptions options,
            double effectBefore, double effect)
    {
        double n = before.Sum() / effectBefore;
        double m = now.Sum() / effect;
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

    /// <summary>The shares, as of so many rows as count.</summary>
    internal static long[] Deflated(long[] counts, RowWeight weight) =>
        weight.Effect <= 1 ? counts : [.. counts.Select(count => (long)Math.Round(count / weight.Effect))];

    private static string TooFew(long current, RowWeight weight, long reference, RowWeight weightBefore, int needed) =>
        $"{CountWords(current, weight)} in the window and {CountWords(reference, weightBefore)} in what it is held against; "
        + $"a verdict needs {needed} of both.";

    private static string CountWords(long count, RowWeight weight) => weight.Effect <= 1
        ? $"{count} values"
        : string.Create(CultureInfo.InvariantCulture, $"{count} values that count for {count / weight.Effect:0}");

    private static string? WhyFewer(RowWeight weight)
    {
        List<string> reasons = [];
        if (weight.Requests >= 1.05)
        {
            reasons.Add(string.Create(CultureInfo.InvariantCulture,
                $"rows of one request resemble each other (divided by {weight.Requests:0.0})"));
        }

        if (weight.Copies >= 1.05)
        {
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"the same inputs come {weight.Copies:0.0} times"));
        }

        return reasons.Count == 0 ? null : string.Join(", ", reasons);
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
