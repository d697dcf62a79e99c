using MathNet.Numerics;

namespace Modeldrop.Monitoring.Statistics;

/// <summary>
/// The chance that at least this many new values are below the minimum or above the maximum of a reference, without drift.
/// </summary>
/// <remarks>
/// Source: Wilks, Statistical prediction with special reference to the problem of tolerance limits (1942). The share of a continuous
/// distribution beyond one end of m values is Beta(1, m) distributed, beyond both ends Beta(2, m - 1): the count among n new values is
/// beta-binomial. With ties, and in discrete distributions, fewer values lie beyond: the chance is an upper bound. Fisher's test does not
/// fit here: the range is the reference's own, so it has no values beyond by construction.
/// </remarks>
internal static class RecordTail
{
    /// <param name="beyond">New values beyond the ends.</param>
    /// <param name="values">All new values.</param>
    /// <param name="reference">Number of values whose minimum and maximum are the ends.</param>
    /// <param name="ends">1 or 2.</param>
    public static double Of(long beyond, long values, long reference, int ends)
    {
        if (beyond <= 0)
        {
            return 1;
        }

        if (reference < ends)
        {
            return 1;
        }

        // P(K = k) = C(n, k) B(k + a, n - k + b) / B(a, b), by the ratio of neighbouring terms. The smaller tail is summed, so small
        // chances keep their digits.
        double rest = reference - ends + 1;
        double logarithm = SpecialFunctions.GammaLn(values + 1.0) - SpecialFunctions.GammaLn(beyond
            + 1.0) - SpecialFunctions.GammaLn(values - beyond + 1.0)
            + SpecialFunctions.GammaLn(beyond + ends)
                + SpecialFunctions.GammaLn(values - beyond + rest) - SpecialFunctions.GammaLn(values + ends + rest)
            + SpecialFunctions.GammaLn(ends + rest) - SpecialFunctions.GammaLn(ends) - SpecialFunctions.GammaLn(rest);
        double term = Math.Exp(logarithm);
        double sum = 0;
        for (long count = beyond; count <= values; count++)
        {
            sum += term;
            double ratio = (double)(values - count) * (count + ends) / ((count + 1.0) * Math.Max(rest - 1 + values - count, 1e-300));
            term *= ratio;
            if (term < sum * 1e-17)
            {
                break;
            }
        }

        return Math.Min(1, sum);
    }
}
