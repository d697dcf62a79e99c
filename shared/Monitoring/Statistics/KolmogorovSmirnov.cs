namespace Modeldrop.Monitoring.Statistics;

/// <summary>
/// Two-sample Kolmogorov-Smirnov distance over ordered bins: max |R - C| of the cumulative shares at the edges between them.
/// </summary>
/// <remarks>
/// Source: Smirnov, Table for estimating the goodness of fit of empirical distributions (1948). Between 0 and 1; larger values indicate
/// more drift; symmetric; for numeric features only. Between the edges the two distributions may differ more than at the edges: on bins the
/// distance is a lower bound of the distance of the raw values, below it by at most the largest bin's share. <see cref="PValue"/> is the
/// limit for large samples; on bins it is too large rather than too small.
/// </remarks>
public static class KolmogorovSmirnov
{
    public const string Name = "kolmogorovSmirnov";

    /// <param name="reference">Counts by bin, ascending; not all 0.</param>
    /// <param name="current">Counts by the same bins; not all 0.</param>
    public static double Distance(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        double referenceTotal = Counts.Total(reference);
        double currentTotal = Counts.Total(current);
        long below = 0;
        long belowNow = 0;
        double distance = 0;
        for (int bin = 0; bin < reference.Length; bin++)
        {
            below += reference[bin];
            belowNow += current[bin];
            distance = Math.Max(distance, Math.Abs((below / referenceTotal) - (belowNow / currentTotal)));
        }

        return distance;
    }

    /// <summary>Chance of a distance this large without drift.</summary>
    public static double PValue(double distance, double referenceTotal, double currentTotal)
    {
        double x = distance * Math.Sqrt(referenceTotal * currentTotal / (referenceTotal + currentTotal));
        // Above this limit the series converges quickly. Below it, the chance is 1 in every digit that matters.
        if (x < 0.2)
        {
            return 1;
        }

        double sum = 0;
        for (int term = 1; term <= 100; term++)
        {
            double part = Math.Exp(-2 * term * term * x * x);
            sum += term % 2 == 1 ? part : -part;
            if (part < 1e-18)
            {
                break;
            }
        }

        return Math.Clamp(2 * sum, 0, 1);
    }

    /// <summary>The noise limit: unchanged data exceeds this distance with the given chance.</summary>
    public static double NoiseLimit(double chance, double referenceTotal, double currentTotal) =>
        Math.Sqrt(-Math.Log(chance / 2) / 2 * (referenceTotal + currentTotal) / (referenceTotal * currentTotal));
}
