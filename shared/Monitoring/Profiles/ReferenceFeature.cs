using System.Globalization;
using System.Text.Json.Serialization;

namespace Modeldrop.Monitoring.Profiles;

public enum FeatureKind
{
    /// <summary>Bins between quantiles of the reference.</summary>
    Numeric,

    /// <summary>A bin for each frequent value of the reference.</summary>
    Category,
}

/// <summary>The bins of a feature, sealed with its version, and what the reference data counted in them.</summary>
/// <remarks>
/// Numeric: a value's bin is the number of edges at or below it: 0 is the underflow, the last one the overflow. Category: the position of
/// the value in <see cref="Values"/>, then <c>other</c> (less frequent in the reference), then <c>unseen</c> (not in the reference).
/// </remarks>
public sealed record ReferenceFeature
{
    public required Feature Feature { get; init; }

    public required FeatureKind Kind { get; init; }

    /// <summary>A category of integers, not of strings.</summary>
    public bool IsInteger { get; init; }

    /// <summary>Ascending; the first is the least value of the reference, the last lies just above the greatest. Numeric only.</summary>
    public double[]? Edges { get; init; }

    /// <summary>Most frequent first; integers as decimal text. Category only.</summary>
    public string[]? Values { get; init; }

    /// <summary>The reference's other values. Category only.</summary>
    public string[]? Others { get; init; }

    /// <summary>The reference had too many values to list: what is not in <see cref="Values"/> is <c>other</c>, nothing is <c>unseen</c>.</summary>
    public bool OpenEnded { get; init; }

    /// <summary>It only says when a row came, or which one it is; null: it says something about the row. Such a feature has no
    /// verdict.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeRole? TimeRole { get; init; }

    /// <summary>What is subtracted before values are summed, so that sums stay small.</summary>
    public double Center { get; init; }

    /// <summary>A power of two, about 2^-30 of the reference's range: values are rounded to it before they are summed.</summary>
    public double Quantum { get; init; } = 1;

    public required FeatureCounts Counts { get; init; }

    [JsonIgnore]
    public int BinCount => Kind == FeatureKind.Numeric ? Edges!.Length + 1 : Values!.Length + 2;

    public FeatureCounts EmptyCounts() => new() { Bins = new long[BinCount] };

    /// <summary>What the bins are, for people.</summary>
    public IReadOnlyList<string> BinLabels()
    {
        if (Kind == FeatureKind.Category)
        {
            return [.. Values!, "(other)", "(unseen)"];
        }

        string[] edges = [.. Edges!.Select(edge => edge.ToString("G6", CultureInfo.InvariantCulture))];
        return
        [
            $"< {edges[0]}",
            .. Enumerable.Range(0, edges.Length - 1).Select(bin => edges[bin] == edges[bin + 1] ? edges[bin] : $"{edges[bin]} to {edges[bin + 1]}"),
            $"> {edges[^1]}",
        ];
    }

    /// <summary>The middles of the bins of a numeric feature; the outer ones reach to the least and the greatest value of either side.</summary>
    internal double[] MiddlesOf(FeatureCounts left, FeatureCounts right)
    {
        double[] edges = Edges!;
        double least = Math.Min(edges[0], Math.Min(left.Min, right.Min));
        double greatest = Math.Max(edges[^1], Math.Max(left.Max, right.Max));
        return [(least + edges[0]) / 2, .. edges.Zip(edges.Skip(1), (from, to) => (from + to) / 2), (edges[^1] + greatest) / 2];
    }

    /// <summary>Mean of the finite values counted; null without any. For display: exact to about 1e-9 of the reference's range.</summary>
    public double? MeanOf(FeatureCounts counts) => counts.Finite == 0 ? null : Center + (Quantum * (double)counts.Sum / counts.Finite);

    /// <summary>Standard deviation of the finite values counted; null without any.</summary>
    public double? DeviationOf(FeatureCounts counts)
    {
        if (counts.Finite == 0)
        {
            return null;
        }

        double mean = (double)counts.Sum / counts.Finite;
        return Quantum * Math.Sqrt(Math.Max(0, ((double)counts.SumOfSquares / counts.Finite) - (mean * mean)));
    }
}
