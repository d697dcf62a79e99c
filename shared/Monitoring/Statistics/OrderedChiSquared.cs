using MathNet.Numerics;

namespace Modeldrop.Monitoring.Statistics;

/// <summary>Chi-squared test of homogeneity over ordered bins, in parts: location, spread, and the rest.</summary>
/// <remarks>
/// Sources: Nair, Chi-squared-type tests for ordered alternatives in contingency tables (1987); Rayner and Best, A Contingency Table
/// Approach to Nonparametric Testing (2001). Pearson's statistic is the sum of the squares of independent parts, one for each polynomial of
/// the mid-ranks that is orthogonal under the pooled shares. The first part is the Wilcoxon test with ties, the second a test of spread in
/// the manner of Mood; the others are combined into one. Each of the k parts gets a p-value, and the smallest, p, becomes 1 - (1 - p)^k
/// (Šidák). So a shift of the whole distribution is detected about as early as by a rank test, and a change of shape as early as by
/// chi-squared. Neighbouring bins are joined until the smaller sample is expected to have 5 in each, by the totals of both samples. Values
/// must be independent.
/// </remarks>
public static class OrderedChiSquared
{
    public const string Name = "orderedChiSquared";

    /// <param name="reference">Counts by bin, ascending; not all 0.</param>
    /// <param name="current">Counts by the same bins; not all 0.</param>
    public static ChiSquaredResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        double n = Counts.Total(reference);
        double m = Counts.Total(current);
        List<(long Reference, long Current)> cells = ChiSquared.JoinNeighbours(reference, current, Math.Min(n, m) / (n + m));
        if (cells.Count < 2)
        {
            return new ChiSquaredResult(0, 0, 1);
        }

        double[] weights = [.. cells.Select(cell => (cell.Reference + cell.Current) / (n + m))];
        double[] shifts = [.. cells.Select(cell => (cell.Current / m) - (cell.Reference / n))];
        double scale = n * m / (n + m);
        double all = scale * shifts.Zip(weights, (shift, weight) => shift * shift / weight).Sum();

        double[] location = Standardise(MidRanks(weights), weights, []);
        double byLocation = scale * Square(Product(location, shifts));
        List<double> chances = [Tail(byLocation, 1)];
        if (cells.Count > 2)
        {
            double[] spread = Standardise([.. location.Select(score => score * score)], weights, location);
            double bySpread = scale * Square(Product(spread, shifts));
            chances.Add(Tail(bySpread, 1));
            if (cells.Count > 3)
            {
                chances.Add(Tail(Math.Max(0, all - byLocation - bySpread), cells.Count - 3));
            }
        }

        double least = chances.Min();
        // 1 - (1 - p)^k, without losing values below 1e-16.
        double together = least >= 1 ? 1 : -Expm1(chances.Count * Log1p(-least));
        return new ChiSquaredResult(all, cells.Count - 1, together)
        {
            Location = chances[0],
            Spread = chances.Count > 1 ? chances[1] : null,
            Rest = chances.Count > 2 ? chances[2] : null,
        };
    }

    private static double[] MidRanks(double[] weights)
    {
        var ranks = new double[weights.Length];
        double below = 0;
        for (int cell = 0; cell < weights.Length; cell++)
        {
            ranks[cell] = below + (weights[cell] / 2);
            below += weights[cell];
        }

        return ranks;
    }

    /// <summary>Mean 0 and variance 1 under the weights, and orthogonal to the scores of the previous part.</summary>
    private static double[] Standardise(double[] scores, double[] weights, double[] before)
    {
        double mean = Weighted(scores, weights);
        double[] centred = [.. scores.Select(score => score - mean)];
        if (before.Length > 0)
        {
            double along = Weighted([.. centred.Zip(before, (score, other) => score * other)], weights);
            centred = [.. centred.Zip(before, (score, other) => score - (along * other))];
        }

        double deviation = Math.Sqrt(Weighted([.. centred.Select(score => score * score)], weights));
        return deviation < 1e-12 ? new double[scores.Length] : [.. centred.Select(score => score / deviation)];
    }

    private static double Weighted(double[] scores, double[] weights) => Product(scores, weights);

    private static double Product(double[] left, double[] right) => left.Zip(right, (one, other) => one * other).Sum();

    // Where x is small, the series keeps all digits. Elsewhere the logarithm loses none.
    private static double Log1p(double x) => Math.Abs(x) < 1e-5 ? x - (x * x / 2) + (x * x * x / 3) : Math.Log(1 + x);

    private static double Expm1(double x) => Math.Abs(x) < 1e-5 ? x + (x * x / 2) + (x * x * x / 6) : Math.Exp(x) - 1;

    private static double Square(double value) => value * value;

    private static double Tail(double statistic, int degrees) => SpecialFunctions.GammaUpperRegularized(degrees / 2.0, statistic / 2);
}
