using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Statistics;

/// <summary>A bin, or a category, that has become several times as frequent or as rare.</summary>
/// <param name="Share">Share of the values in the window, 0 to 1.</param>
/// <param name="PValue">P-value of this bin, multiplied by the number of bins.</param>
public sealed record BinChange(string Bin, double ReferenceShare, double Share, double PValue);

/// <summary>
/// Tests single bins: a value that goes from 1 % to 4 % hardly moves the whole distribution, but it is four times as frequent.
/// </summary>
/// <remarks>
/// Each bin has Fisher's exact test of its share (<see cref="FisherTail"/>; two-sided). The outer bins of a numeric feature are empty in
/// the reference because its own minimum and maximum are their edges; there the test is the chance of new records
/// (<see cref="RecordTail"/>). The smallest of the k p-values, times k (Bonferroni), is the p-value of the bins. A change matters if the
/// share has changed by a factor (<see cref="MonitoringOptions.MinimumRatio"/>) and by a difference
/// (<see cref="MonitoringOptions.MinimumRareChange"/>).
/// </remarks>
internal static class BinChanges
{
    /// <summary>
    /// The part of a feature's significance that is assigned to its bins; the rest is assigned to the test of the whole distribution.
    /// </summary>
    public const double Part = 0.2;

    /// <param name="isOwn">Whether the bins were made from the reference.</param>
    /// <returns>The p-value over all bins, and each bin's own p-value times their number.</returns>
    public static (double PValue, double[] ByBin) Test(
        ReferenceFeature feature, bool isOwn, ReadOnlySpan<long> before, ReadOnlySpan<long> now)
    {
        long reference = (long)Counts.Total(before);
        long current = (long)Counts.Total(now);
        double[] chances = new double[before.Length];
        int used = 0;
        for (int bin = 0; bin < before.Length; bin++)
        {
            used += before[bin] + now[bin] > 0 ? 1 : 0;
            bool isRecord = isOwn && feature.Kind == FeatureKind.Numeric && before[bin] == 0
                && ((bin == 0 && feature.Policy?.Range?.Min is null) || (bin == before.Length - 1 && feature.Policy?.Range?.Max is null));
            chances[bin] = isRecord
                ? RecordTail.Of(now[bin], current, reference, ends: 1)
                : FisherTail.TwoSided(before[bin], reference, now[bin], current);
        }

        double[] byBin = [.. chances.Select(chance => Math.Min(1, chance * used))];
        return (byBin.Min(), byBin);
    }

    /// <summary>Returns the bins that are significant and matter, largest change first.</summary>
    public static BinChange[] Find(
        IReadOnlyList<string> labels, long[] before, long[] now, double[] byBin, double significance, MonitoringOptions options)
    {
        double reference = before.Sum();
        double current = now.Sum();
        return
        [
            .. Enumerable.Range(0, before.Length)
                .Select(bin => new BinChange(labels[bin], before[bin] / reference, now[bin] / current, byBin[bin]))
                .Where(change => change.PValue <= significance * Part && Matters(change.ReferenceShare, change.Share, options))
                .OrderByDescending(change => Math.Abs(change.Share - change.ReferenceShare)),
        ];
    }

    /// <summary>Whether a share has changed by both the factor and the difference that matter.</summary>
    public static bool Matters(double before, double now, MonitoringOptions options) =>
        Math.Abs(now - before) >= options.MinimumRareChange && Math.Max(before, now) >= options.MinimumRatio * Math.Min(before, now);
}
