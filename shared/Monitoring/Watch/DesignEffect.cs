using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Watch;

/// <summary>How many rows of a window say as much as one row by itself would.</summary>
/// <param name="Requests">Because rows of one request resemble each other; at least 1.</param>
/// <param name="Copies">Because the same request came more than once; at least 1.</param>
/// <param name="Groups">Requests of equal size that the rows are worth (<see cref="DesignEffect.RequestsOf"/>).</param>
public sealed record RowWeight(double Requests, double Copies, double Groups = double.PositiveInfinity)
{
    /// <summary>Each row counts.</summary>
    public static RowWeight One { get; } = new(1, 1);

    /// <summary>Whether similarity can be told from chance.</summary>
    public bool IsKnown => Groups >= DesignEffect.MinRequests;

    /// <summary>Of both.</summary>
    public double Effect => Requests * Copies;

    /// <summary>The shares, as of so many rows as count.</summary>
    internal long[] Deflate(long[] counts) => Effect <= 1 ? counts : [.. counts.Select(count => (long)Math.Round(count / Effect))];
}

/// <summary>The weights of both sides of a comparison, by feature.</summary>
public sealed record RowWeights(IReadOnlyList<RowWeight> Baseline, IReadOnlyList<RowWeight> Current)
{
    /// <summary>Each row counts.</summary>
    public static RowWeights One(int features) =>
        new([.. Enumerable.Repeat(RowWeight.One, features)], [.. Enumerable.Repeat(RowWeight.One, features)]);

    /// <param name="baseline">Of the log; null: the reference's own rows.</param>
    internal static RowWeights Of(ReferenceProfile reference, HourProfile? baseline, HourProfile current)
    {
        KeySample sample = reference.Sample();
        // The rows of a slice come in the requests of all rows, and resemble each other no more than those do.
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

/// <summary>The design effect of a window or a reference: by what rows that depend on each other are divided before they count.</summary>
/// <remarks>
/// <para>
/// Source: Kish, Survey Sampling (1965), chapter 5. Rows come in requests of k; two rows of one request fall into the same bin with the
/// chance P, two of different requests with the chance Q. The similarity is
/// ρ = (P - Q) / (1 - Q), at least 0, and the effect 1 + ρ · (Σk² / Σk - 1). P and Q are exact: all pairs are counted. Q is of the pairs
/// of different requests of the window, if they are worth
/// <see cref="MinRequests"/> requests of equal size; else there is no telling, and the window has no verdict.
/// </para>
/// <para>
/// Requests that come again with the same inputs (users who return, retries, probes) are counted by a sample of distinct inputs
/// (<see cref="KeySample"/>): Σc² / Σc copies a request. Inputs of few values coincide without being copies:
/// it is divided by what coincidence would give, 1 + (n - 1) · the chance that a request has the same inputs as a row of the reference.
/// </para>
/// </remarks>
public static class DesignEffect
{
    /// <summary>Requests of equal size that similarity can be told from.</summary>
    public const int MinRequests = 5;

    /// <summary>Requests of equal size that the pairs are worth: n² / Σk²; infinite if no row has company.</summary>
    public static double RequestsOf(FeatureCounts counts)
    {
        double values = counts.Total();
        return counts.Pairs == 0 ? double.PositiveInfinity : values * values / (values + counts.Pairs);
    }

    /// <summary>1 + ρ · (Σk² / Σk - 1).</summary>
    /// <param name="between">Q, where it is known from elsewhere; null: of the window.</param>
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

    /// <summary>Q of the window; null if all rows are of one request.</summary>
    internal static double? BetweenOf(FeatureCounts counts)
    {
        double values = counts.Total();
        double pairs = (values * (values - 1)) - counts.Pairs;
        return pairs <= 0 ? null : (counts.Bins.Sum(count => (double)count * (count - 1)) - counts.AlikePairs) / pairs;
    }

    /// <summary>Copies of an input beyond coincidence.</summary>
    /// <param name="keys">Of the requests.</param>
    /// <param name="other">What tells coincidence from copies: of the reference, or for the reference of the traffic.</param>
    public static double OfCopies(KeySample keys, long requests, KeySample other, long otherRequests) =>
        Math.Max(1, keys.Copies() / (1 + ((requests - 1) * keys.Coincidence(other, requests, otherRequests))));
}
