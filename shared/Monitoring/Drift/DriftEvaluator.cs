using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Monitoring.Watch;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Compares counts with the reference. A pure function: the same counts give the same verdict.</summary>
public static class DriftEvaluator
{
    private const int BinsToName = 5;
    private const double WideFeatures = 4;

    /// <param name="baseline">
    /// The counts to compare the window with, in the order of the profile's features; null: the reference data.
    /// </param>
    /// <param name="current">The window's counts, in the order of the profile's features.</param>
    /// <param name="weights">How many rows carry as much information as one independent row; null: each row counts fully.</param>
    public static IReadOnlyList<FeatureDrift> Evaluate(
        ReferenceProfile reference, IReadOnlyList<FeatureCounts>? baseline, IReadOnlyList<FeatureCounts> current, MonitoringOptions options,
        RowWeights? weights = null)
    {
        weights ??= RowWeights.One(reference.Features.Count);
        bool isOwn = baseline is null;
        baseline ??= [.. reference.Features.Select(feature => feature.Counts)];
        double significance = SignificanceOf(reference, options);
        IReadOnlyList<QualityIssue>[] issues = DriftQuality.Find(
            reference.Features, isOwn, baseline, current, significance, options, weights);
        FeatureDrift[] features =
        [
            .. reference.Features.Select((feature, index) =>
                Compare(feature, isOwn, (baseline[index], weights.Baseline[index]), (current[index], weights.Current[index]),
                    significance, options)
                    with { Issues = issues[index] }),
        ];
        int[] tested = [.. Enumerable.Range(0, features.Length).Where(index => features[index].PValue is not null)];
        // Together, the slices of a feature weigh as much as one more feature: they share one part of the budget and cannot take more.
        double[] budget = [.. tested.Select(index =>
            features[index].Importance / (reference.Features[index].Feature.Slice < 0 ? 1 : reference.Slices.Count))];
        double[] adjusted = BenjaminiHochberg.Adjust([.. tested.Select(index => features[index].PValue!.Value)], budget);
        for (int position = 0; position < tested.Length; position++)
        {
            int index = tested[position];
            FeatureDrift feature = features[index];

            // If all other features are unchanged, the feature must pass alone.
            double own = significance * budget[position] / budget.Sum();
            features[index] = feature with
            {
                AdjustedPValue = adjusted[position],
                Drifted = adjusted[position] <= significance && feature.Matters,
                Detectable = DetectableOf(reference.Features[index], baseline[index], current[index], feature, own * (1 - BinChanges.Part)),
            };
        }

        return [.. features.Select((feature, index) => feature with
        {
            SameAs = SameOutputs.Before(features, index),
            Slice = reference.Features[index].Feature.Slice is >= 0 and var slice ? reference.Slices[slice].Label : null,
        })];
    }

    /// <summary>The manifest's significance, or the installation's.</summary>
    internal static double SignificanceOf(ReferenceProfile reference, MonitoringOptions options) => reference.Significance
        ?? options.Significance;

    /// <summary><see cref="ReferenceFeature.ComparedOf"/>.</summary>
    internal static long[] Compared(ReferenceFeature feature, FeatureCounts counts) => feature.ComparedOf(counts);

    private static DetectableShift? DetectableOf(
        ReferenceFeature reference, FeatureCounts baseline, FeatureCounts current, FeatureDrift feature, double significance)
    {
        double[] shares = SharesOf(Compared(reference, baseline), Compared(reference, current));
        return shares.Length < 2
            ? null
            : DetectableShift.Of(
                (long)feature.EffectiveReferenceCount, (long)feature.EffectiveCount, shares, significance,
                reference.Kind == FeatureKind.Numeric, feature.Floor);
    }

    /// <summary>Shares of the bins over both sides together, without empty bins.</summary>
    private static double[] SharesOf(long[] before, long[] now)
    {
        long[] sums = [.. before.Zip(now, (one, other) => one + other).Where(sum => sum > 0)];
        double all = sums.Sum();
        return [.. sums.Select(sum => sum / all)];
    }

    private static FeatureDrift Compare(
        ReferenceFeature reference, bool isOwn, (FeatureCounts Counts, RowWeight Weight) side,
        (FeatureCounts Counts, RowWeight Weight) window, double significance, MonitoringOptions options)
    {
        (FeatureCounts baseline, RowWeight weightBefore) = side;
        (FeatureCounts current, RowWeight weight) = window;
        long[] before = Compared(reference, baseline);
        long[] now = Compared(reference, current);
        long referenceCount = before.Sum();
        long currentCount = now.Sum();
        bool comparable = referenceCount > 0 && currentCount > 0;
        string? noVerdict = VerdictReasons.Find(reference, isOwn, (referenceCount, weightBefore), (currentCount, weight), options);
        double floor = reference.Policy?.Floor ?? options.MinimumDistance;
        IReadOnlyList<string> labels = reference.ComparedLabels();
        (long[] countingBefore, long[] counting) = (weightBefore.Deflate(before), weight.Deflate(now));
        ChiSquaredResult? test = noVerdict is not null ? null
            : reference.Kind == FeatureKind.Numeric ? OrderedChiSquared.Test(countingBefore, counting)
            : ChiSquared.Test(countingBefore, counting);
        (double bins, double[] byBin) = test is null ? (1, []) : BinChanges.Test(reference, isOwn, countingBefore, counting);
        return new FeatureDrift
        {
            Name = reference.Feature.Name,
            IsOutput = reference.Feature.IsOutput,
            Kind = reference.Kind,
            Drifted = false,
            NoVerdict = noVerdict,
            ReferenceCount = referenceCount,
            CurrentCount = currentCount,
            EffectiveReferenceCount = referenceCount / weightBefore.Effect,
            EffectiveCount = currentCount / weight.Effect,
            WhyFewer = VerdictReasons.WhyFewer(weight),
            Floor = floor,
            Importance = ImportanceOf(reference),
            Statistics = !comparable ? [] : [.. StatisticsOf(
                reference, (baseline, before, weightBefore.Effect), (current, now, weight.Effect), floor, significance, options)],
            Test = test,
            PValue = test is null ? null : Math.Min(1, Math.Min(test.PValue / (1 - BinChanges.Part), bins / BinChanges.Part)),
            BinChanges = test is null || reference.Policy?.Floor is not null ? []
                : BinChanges.Find(labels, before, now, byBin, significance, options),
            Quality = DriftQuality.SharesOf(reference, baseline, current),
            ReferenceMean = reference.MeanOf(baseline),
            CurrentMean = reference.MeanOf(current),
            ReferenceDeviation = reference.DeviationOf(baseline),
            CurrentDeviation = reference.DeviationOf(current),
            Bins = [.. reference.BinLabels().Select((label, bin) => new BinShift(label, baseline.Bins[bin], current.Bins[bin]))],
            MovedMost = comparable ? MovedMost(labels, before, now) : [],
        };
    }

    /// <summary>
    /// The groups of a wide row weigh as much as <see cref="WideFeatures"/> features, so that they do not use up the budget.
    /// </summary>
    private static double ImportanceOf(ReferenceFeature reference) =>
        (reference.Policy?.Importance ?? 1) * (reference.Feature.Groups > 0 ? WideFeatures / reference.Feature.Groups : 1);

    private static IEnumerable<StatisticValue> StatisticsOf(
        ReferenceFeature reference, (FeatureCounts Counts, long[] Bins, double Effect) side,
        (FeatureCounts Counts, long[] Bins, double Effect) window, double floor, double significance, MonitoringOptions options)
    {
        (FeatureCounts baseline, long[] before, double effectBefore) = side;
        (FeatureCounts current, long[] now, double effect) = window;
        double n = before.Sum() / effectBefore;
        double m = now.Sum() / effect;
        int used = before.Zip(now).Count(bin => bin.First + bin.Second > 0);
        double noise = used < 2 ? 0 : ChiSquared.Quantile(used - 1, significance) * ((1 / n) + (1 / m));
        yield return Value(PopulationStabilityIndex.Name, PopulationStabilityIndex.Of(before, now), options.PsiThreshold, noise);
        yield return Value(JensenShannon.Name, JensenShannon.Distance(before, now), floor,
            Math.Min(1, Math.Sqrt(noise / (8 * Math.Log(2)))));
        yield return Value(TotalVariation.Name, TotalVariation.Distance(before, now), null, null);
        if (reference.Kind == FeatureKind.Numeric)
        {
            yield return Value(KolmogorovSmirnov.Name, KolmogorovSmirnov.Distance(before, now), null,
                KolmogorovSmirnov.NoiseLimit(significance, n, m));
            if (reference.DeviationOf(baseline) is > 0 and var deviation)
            {
                yield return Value(
                    Wasserstein.Name, Wasserstein.Distance(before, now, reference.MiddlesOf(baseline, current), deviation), null, null);
            }
        }
    }

    private static StatisticValue Value(string name, double value, double? threshold, double? noise) =>
        new(name, value, threshold, value >= threshold) { NoiseLimit = noise };

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
