using System.Globalization;
using System.Text.Json.Serialization;
using Modeldrop.Manifests;

namespace Modeldrop.Monitoring.Profiles;

public enum FeatureKind
{
    /// <summary>Bins are between quantiles of the reference.</summary>
    Numeric,

    /// <summary>Each frequent value of the reference has a bin.</summary>
    Category,
}

/// <summary>The bins of a feature, sealed with its version, and the counts of the reference data in them.</summary>
/// <remarks>
/// Numeric: the bin of a value is the number of edges at or below it; bin 0 is the underflow, the last bin the overflow. Category: the
/// position of the value in <see cref="Values"/>, then <c>other</c> (empty, unless there are too many values), then <c>unseen</c> (not in
/// the reference). With more values than bins: groups, by hash, of the other values in the reference, then the same groups for values that
/// are not in it.
/// </remarks>
public sealed record ReferenceFeature
{
    public required Feature Feature { get; init; }

    public required FeatureKind Kind { get; init; }

    /// <summary>True for a category of integers, false for strings.</summary>
    public bool IsInteger { get; init; }

    /// <summary>Ascending. The first edge is the reference's minimum, the last is just above its maximum. Numeric only.</summary>
    public double[]? Edges { get; init; }

    /// <summary>Most frequent first; integers as decimal text. Category only.</summary>
    public string[]? Values { get; init; }

    /// <summary>
    /// For more values than bins: fingerprints of the other values in one half of the reference. They decide which values of the other half
    /// and of all traffic are new (<see cref="TextHash"/>). Null: all values have a bin.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Known { get; init; }

    /// <summary>Values with a larger fingerprint never count as new: the reference has too many values to keep them all.</summary>
    public uint KnownThrough { get; init; } = uint.MaxValue;

    /// <summary>Distinct values in the rows that chose the bins; 0 when all values have a bin.</summary>
    public int Distinct { get; init; }

    /// <summary>
    /// Values that occur in only one row of the reference. In as many new rows, about this many have a value that is not in the reference.
    /// </summary>
    public int Singletons { get; init; }

    /// <summary>The manifest's policy for the feature; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FeaturePolicy? Policy { get; init; }

    /// <summary>
    /// Set if the feature only indicates when a row was received or which row it is; such a feature has no verdict. Null: it describes the
    /// row.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeRole? TimeRole { get; init; }

    /// <summary>
    /// Set if the reference is a table, whose columns give all rows the same width. The feature's width of traffic is then compared with
    /// other traffic only.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsFixed { get; init; }

    /// <summary>Subtracted from values before they are summed, so that sums stay small.</summary>
    public double Center { get; init; }

    /// <summary>
    /// A power of two, about 2^-30 of the reference's range. Values are rounded to a multiple of it before they are summed.
    /// </summary>
    public double Quantum { get; init; } = 1;

    public required FeatureCounts Counts { get; init; }

    [JsonIgnore]
    public int BinCount => Kind == FeatureKind.Numeric ? Edges!.Length + 1 : Values!.Length + (2 * OtherBins);

    /// <summary>Number of bins for values without their own bin, and of bins for new values.</summary>
    [JsonIgnore]
    public int OtherBins => Known is null ? 1 : TextHash.Groups;

    public FeatureCounts EmptyCounts() => new() { Bins = new long[BinCount] };

    /// <summary>Names of the bins, for people.</summary>
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

    /// <summary>Names of what <see cref="ComparedOf"/> counts, for people.</summary>
    public IReadOnlyList<string> ComparedLabels() =>
        Kind == FeatureKind.Numeric ? BinLabels() : Known is null ? [.. Values!, "(other)"] : [.. Values!, .. GroupLabels("other")];

    /// <summary>
    /// The counts of the bins that are compared. For categories, unseen values are left out, since they are a matter of data quality. With
    /// more values than bins, unseen values count in their group, as most values of such a feature are unseen.
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

    /// <summary>Number of values of a category that are not in the reference.</summary>
    public long UnseenOf(FeatureCounts counts) => counts.Bins[^OtherBins..].Sum();

    private static IEnumerable<string> GroupLabels(string kind) => Enumerable.Range(1, TextHash.Groups)
        .Select(group => $"({kind}, group {group})");

    /// <summary>The smallest number above 0 is the edge of a bin for 0 alone; it is shown as 0.</summary>
    private static string Text(double edge) => edge == double.Epsilon ? "0" : edge.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>Midpoints of the bins of a numeric feature. The outer bins extend to the minimum and maximum of both sides.</summary>
    internal double[] MiddlesOf(FeatureCounts left, FeatureCounts right)
    {
        double[] edges = Edges!;
        double least = Math.Min(edges[0], Math.Min(left.Min, right.Min));
        double greatest = Math.Max(edges[^1], Math.Max(left.Max, right.Max));
        return [(least + edges[0]) / 2, .. edges.Zip(edges.Skip(1), (from, to) => (from + to) / 2), (edges[^1] + greatest) / 2];
    }

    /// <summary>Mean of the finite values. For display: exact to about 1e-9 of the reference's range.</summary>
    /// <returns>Null without values, and if a value is too far away: by more than 65,000 times the reference's range.</returns>
    public double? MeanOf(FeatureCounts counts) =>
        counts.Finite == 0 || counts.Clipped > 0 ? null : Center + (Quantum * (double)counts.Sum / counts.Finite);

    /// <summary>Standard deviation of the finite values.</summary>
    /// <inheritdoc cref="MeanOf" path="/returns"/>
    public double? DeviationOf(FeatureCounts counts)
    {
        if (counts.Finite == 0 || counts.Clipped > 0)
        {
            return null;
        }

        double mean = (double)counts.Sum / counts.Finite;
        return Quantum * Math.Sqrt(Math.Max(0, ((double)counts.SumOfSquares / counts.Finite) - (mean * mean)));
    }
}
