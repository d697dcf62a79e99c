using System.Globalization;
using System.Text.Json.Serialization;
using Modeldrop.Manifests;

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
/// the value in <see cref="Values"/>, then <c>other</c> (nothing, unless there are too many values), then <c>unseen</c> (not in the
/// reference). With more values than bins: the groups
/// of the other values that the reference has, by their hash, then the same groups of those that it does not have.
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

    /// <summary>
    /// More values than bins: fingerprints of the others that half of the reference has, by which the other half and all traffic are told
    /// to be new
    /// (<see cref="TextHash"/>). Null: all values have a bin.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Known { get; init; }

    /// <summary>Values with a greater fingerprint are never called new: the reference had too many to keep them all.</summary>
    public uint KnownThrough { get; init; } = uint.MaxValue;

    /// <summary>Different values in the rows that chose; 0 where all values have a bin.</summary>
    public int Distinct { get; init; }

    /// <summary>
    /// Values that only one row of the reference has: about as many rows in so many new ones have a value that is not in the reference.
    /// </summary>
    public int Singletons { get; init; }

    /// <summary>What the manifest says of it; null: nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FeaturePolicy? Policy { get; init; }

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
    public int BinCount => Kind == FeatureKind.Numeric ? Edges!.Length + 1 : Values!.Length + (2 * OtherBins);

    /// <summary>Bins for values without one of their own, and as many again for new ones.</summary>
    [JsonIgnore]
    public int OtherBins => Known is null ? 1 : TextHash.Groups;

    public FeatureCounts EmptyCounts() => new() { Bins = new long[BinCount] };

    /// <summary>What the bins are, for people.</summary>
    public IReadOnlyList<string> BinLabels()
    {
        if (Kind == FeatureKind.Category)
        {
            return Known is null ? [.. Values!, "(other)", "(unseen)"]
                : [.. Values!, .. GroupLabels("other"), .. GroupLabels("unseen")];
        }

        string[] edges = [.. Edges!.Select(Text)];
        return
        [
            $"< {edges[0]}",
            .. Enumerable.Range(0, edges.Length - 1).Select(
                bin => edges[bin] == edges[bin + 1] ? edges[bin] : $"{edges[bin]} to {edges[bin + 1]}"),
            $"> {edges[^1]}",
        ];
    }

    /// <summary>What <see cref="ComparedOf"/> counts, for people.</summary>
    public IReadOnlyList<string> ComparedLabels() =>
        Kind == FeatureKind.Numeric ? BinLabels() : Known is null ? [.. Values!, "(other)"] : [.. Values!, .. GroupLabels("other")];

    /// <summary>
    /// The bins that are compared. Of categories all but unseen values, which are a question of quality; with more values than bins
    /// unseen ones count in their group, as they are
    /// what such a feature mostly has.
    /// </summary>
    public long[] ComparedOf(FeatureCounts counts)
    {
        if (Kind == FeatureKind.Numeric)
        {
            return counts.Bins;
        }

        long[] bins = counts.Bins[..^OtherBins];
        for (int group = 0; Known is not null && group < OtherBins; group++)
        {
            bins[Values!.Length + group] += counts.Bins[Values.Length + OtherBins + group];
        }

        return bins;
    }

    /// <summary>Values that the reference does not have; of a category.</summary>
    public long UnseenOf(FeatureCounts counts) => counts.Bins[^OtherBins..].Sum();

    private static IEnumerable<string> GroupLabels(string kind) => Enumerable.Range(1, TextHash.Groups)
        .Select(group => $"({kind}, group {group})");

    /// <summary>The number just above 0 is the edge of a bin for 0 alone, and reads so.</summary>
    private static string Text(double edge) => edge == double.Epsilon ? "0" : edge.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>
    /// The middles of the bins of a numeric feature; the outer ones reach to the least and the greatest value of either side.
    /// </summary>
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
