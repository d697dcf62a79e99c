using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Watch;

/// <summary>How many rows of a window carry as much information as one independent row.</summary>
/// <param name="Requests">The factor because rows of one request resemble each other; at least 1.</param>
/// <param name="Copies">The factor because the same request was received more than once; at least 1.</param>
/// <param name="Groups">Number of requests of equal size that the rows are equivalent to (<see cref="DesignEffect.RequestsOf"/>).</param>
public sealed record RowWeight(double Requests, double Copies, double Groups = double.PositiveInfinity)
{
    /// <summary>Each row counts fully.</summary>
    public static RowWeight One { get; } = new(1, 1);

    /// <summary>Whether similarity can be distinguished from chance.</summary>
    public bool IsKnown => Groups >= DesignEffect.MinRequests;

    /// <summary>Both factors together.</summary>
    public double Effect => Requests * Copies;

    /// <summary>The same shares, scaled to the effective number of rows.</summary>
    internal long[] Deflate(long[] counts) => Effect <= 1 ? counts : [.. counts.Select(count => (long)Math.Round(count / Effect))];
}

/// <summary>The weights of both sides of a comparison, by feature.</summary>
public sealed record RowWeights(IReadOnlyList<RowWeight> Baseline, IReadOnlyList<RowWeight> Current)
{
    /// <summary>Each row counts fully.</summary>
    public static RowWeights One(int features) =>
        new([.. Enumerable.Repeat(RowWeight.One, features)], [.. Enumerable.Repeat(RowWeight.One, features)]);

    /// <param name="baseline">A baseline from the log; null: the reference's own rows.</param>
    internal static RowWeights Of(ReferenceProfile reference, HourProfile? baseline, HourProfile current)
    {
        KeySample sample = reference.Sample();
        // The rows of a slice are part of the requests of all rows, and resemble each other no more than those do.
        int[] wholes = reference.Wholes();
        double copies = DesignEffect.OfCopies(current.Keys, current.Records, sample, reference.Rows);
        double copiesBefore = baseline is null
            ? DesignEffect.OfCopies(sample, reference.Rows, current.Keys, current.Records)
            : DesignEffect.OfCopies(baseline.Keys, baseline.Records, sample, reference.Rows);
        return new RowWeights(
            [.. wholes.Select(whole =>
                baseline is null ? new RowWeight(1, copiesBefore) : WeightOf(baseline.Features[whole], copiesBefore))],
            [.. wholes.Select(whole => WeightOf(current.Features[whole], copies))]);
    }

    private static RowWeight WeightOf(FeatureCounts counts, double copies) =>
        new(DesignEffect.OfRequests(counts), copies, DesignEffect.RequestsOf(counts));
}

/// <summary>
/// The design effect of a window or a reference: the number by which rows that depend on each other are divided before they count.
/// </summary>
/// <remarks>
/// <para>
/// Source: Kish, Survey Sampling (1965), chapter 5. Rows arrive in requests of k; two rows of one request fall into the same bin with the
/// chance P, two rows of different requests with the chance Q. The similarity is ρ = (P - Q) / (1 - Q), at least 0, and the effect 1 + ρ ·
/// (Σk² / Σk - 1). P and Q are exact: all pairs are counted. Q comes from the pairs of different requests of the window if they are
/// equivalent to at least <see cref="MinRequests"/> requests of equal size; otherwise Q is unknown, and the window has no verdict.
/// </para>
/// <para>
/// Requests repeated with the same inputs (returning users, retries, probes) are counted by a sample of distinct inputs
/// (<see cref="KeySample"/>): Σc² / Σc copies per request. Inputs with few values coincide without being copies. The number is therefore
/// divided by what coincidence would give: 1 + (n - 1) · the chance that a request has the same inputs as a row of the reference.
/// </para>
/// </remarks>
public static class DesignEffect
{
    /// <summary>Minimum number of requests of equal size from which similarity can be measured.</summary>
    public const int MinRequests = 5;

    /// <summary>
    /// Number of requests of equal size that the pairs are equivalent to: n² / Σk²; infinite if every request has one row.
    /// </summary>
    public static double RequestsOf(FeatureCounts counts)
    {
        double values = counts.Total();
        return counts.Pairs == 0 ? double.PositiveInfinity : values * values / (values + counts.Pairs);
    }

    /// <summary>1 + ρ · (Σk² / Σk - 1).</summary>
    /// <param name="between">Q, if it is known from elsewhere; null: the window's Q.</param>
    public static double OfRequests(FeatureCounts counts, double? between = null)
    {
        double values = counts.Total();
        if (counts.Pairs == 0)
        {
            return 1;
        }

        double within = (double)counts.AlikePairs / counts.Pairs;
        double apart = between ?? BetweenOf(counts) ?? 0;
        double similarity = apart >= 1 ? 0 : Math.Clamp((within - apart) / (1 - apart), 0, 1);
        return 1 + (similarity * counts.Pairs / values);
    }

    /// <summary>Q of the window; null if all rows are from one request.</summary>
    internal static double? BetweenOf(FeatureCounts counts)
    {
        double values = counts.Total();
        double pairs = (values * (values - 1)) - counts.Pairs;
        return pairs <= 0 ? null : (counts.Bins.Sum(count => (double)count * (count - 1)) - counts.AlikePairs) / pairs;
    }

    /// <summary>Copies of an input beyond coincidence.</summary>
    /// <param name="keys">Sample of the requests.</param>
    /// <param name="other">The sample that separates coincidence from copies: the reference's; for the reference, the traffic's.</param>
    public static double OfCopies(KeySample keys, long requests, KeySample other, long otherRequests) =>
        Math.Max(1, keys.Copies() / (1 + ((requests - 1) * keys.Coincidence(other, requests, otherRequests))));
}
