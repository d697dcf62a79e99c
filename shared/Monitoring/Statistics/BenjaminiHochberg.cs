namespace Modeldrop.Monitoring.Statistics;

/// <summary>
/// Adjusts p-values for the number of tests: the adjusted value is the smallest false discovery rate at which its test is rejected.
/// </summary>
/// <remarks>
/// Source: Benjamini and Hochberg, Controlling the false discovery rate (1995). Adjusted p of rank i (ascending) of m: min over j ≥ i of
/// p_j · m / j, at most 1. Rejecting the tests at or below α keeps the expected share of false rejections at most α for independent or
/// positively dependent tests; if nothing has drifted, this is the chance of any alarm at all.
/// </remarks>
public static class BenjaminiHochberg
{
    /// <summary>Adjusted p-values in the order of <paramref name="pValues"/>.</summary>
    public static double[] Adjust(IReadOnlyList<double> pValues) => Adjust(pValues, null);

    /// <summary>Adjusts the p-values of tests with different weights: each p-value is divided by its weight over the mean weight.</summary>
    /// <remarks>
    /// Source: Genovese, Roeder and Wasserman, False discovery control with p-value weighting (2006). The rate holds for any weights that
    /// were chosen beforehand.
    /// </remarks>
    /// <param name="weights">One per test, above 0; null: all equal.</param>
    public static double[] Adjust(IReadOnlyList<double> pValues, IReadOnlyList<double>? weights)
    {
        if (weights is not null && weights.Count > 0)
        {
            double mean = weights.Average();
            pValues = [.. pValues.Zip(weights, (chance, weight) => Math.Min(1, chance * mean / weight))];
        }

        double[] adjusted = new double[pValues.Count];
        int[] descending = [.. Enumerable.Range(0, pValues.Count).OrderByDescending(index => pValues[index])];
        double least = 1;
        for (int position = 0; position < descending.Length; position++)
        {
            int rank = descending.Length - position;
            least = Math.Min(least, pValues[descending[position]] * descending.Length / rank);
            adjusted[descending[position]] = least;
        }

        return adjusted;
    }
}
