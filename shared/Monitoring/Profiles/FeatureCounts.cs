namespace Modeldrop.Monitoring.Profiles;

/// <summary>Counts of one feature: how many values fell into each bin of its reference, and sums from which moments are computed.</summary>
/// <remarks>
/// All members are integers or extremes, so addition is exact, commutative and associative: any window, summed in any order, has the same
/// bits as a count of its raw records. The sums for the moments use values rounded to <see cref="ReferenceFeature.Quantum"/>.
/// </remarks>
public sealed class FeatureCounts
{
    /// <summary>In the order of <see cref="ReferenceFeature.BinLabels"/>.</summary>
    public required long[] Bins { get; init; }

    /// <summary>Empty strings, and rows whose tensor was absent or had a different width.</summary>
    public long Missing { get; set; }

    public long NotANumber { get; set; }

    /// <summary>The number of values in <see cref="Sum"/>, <see cref="Min"/> and <see cref="Max"/>: neither NaN nor infinite.</summary>
    public long Finite { get; set; }

    /// <summary>Those of <see cref="Finite"/> that were clipped in the sums because they are extreme.</summary>
    public long Clipped { get; set; }

    /// <summary>Σ round((value - Center) / Quantum).</summary>
    public Int128 Sum { get; set; }

    /// <summary>Sum of the squares of the same terms.</summary>
    public UInt128 SumOfSquares { get; set; }

    /// <summary>Infinity before the first value.</summary>
    public double Min { get; set; } = double.PositiveInfinity;

    /// <summary>-Infinity before the first value.</summary>
    public double Max { get; set; } = double.NegativeInfinity;

    /// <summary>Ordered pairs of values from the same request, over all requests; 0 for elements that are counted together.</summary>
    public long Pairs { get; set; }

    /// <summary>Those of <see cref="Pairs"/> with both values in the same bin.</summary>
    public long AlikePairs { get; set; }

    /// <summary>Values that fell into a bin.</summary>
    public long Total() => Bins.Sum();

    public void Add(FeatureCounts other)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Bins.Length, Bins.Length, nameof(other));
        for (int bin = 0; bin < Bins.Length; bin++)
        {
            Bins[bin] += other.Bins[bin];
        }

        Pairs += other.Pairs;
        AlikePairs += other.AlikePairs;
        Missing += other.Missing;
        NotANumber += other.NotANumber;
        Finite += other.Finite;
        Clipped += other.Clipped;
        Sum += other.Sum;
        SumOfSquares += other.SumOfSquares;
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>Adds the values of one request, and the pairs among them.</summary>
    internal void AddRequest(FeatureCounts request)
    {
        Add(request);
        long values = 0;
        foreach (long count in request.Bins)
        {
            values += count;
            AlikePairs += count * (count - 1);
        }

        Pairs += values * (values - 1);
    }

    /// <summary>Resets all counts.</summary>
    internal void Clear()
    {
        Array.Clear(Bins);
        (Missing, NotANumber, Finite, Clipped, Pairs, AlikePairs) = (0, 0, 0, 0, 0, 0);
        (Sum, SumOfSquares, Min, Max) = (0, 0, double.PositiveInfinity, double.NegativeInfinity);
    }
}
