using MathNet.Numerics;

namespace Modeldrop.Monitoring.Statistics;

/// <summary>Fisher's exact test of two shares, one-sided: the hypergeometric tail.</summary>
/// <remarks>
/// Source: Fisher, The logic of inductive inference (1935). The terms of the tail are summed outwards from the count, by the ratio of
/// neighbouring terms, so small chances keep their digits and large counts cost no more than small ones.
/// </remarks>
internal static class FisherTail
{
    private const double Enough = 1e-17;

    /// <summary>
    /// The chance that at least this many of the bad values are in the second sample, if both samples have the same distribution.
    /// </summary>
    public static double Of(long firstBad, long first, long secondBad, long second)
    {
        long bad = firstBad + secondBad;
        long all = first + second;
        long least = Math.Max(0, bad - first);
        long most = Math.Min(bad, second);
        if (secondBad <= least)
        {
            return 1;
        }

        // Below the mean, the other tail is the shorter one.
        return secondBad <= (double)bad * second / all
            ? Math.Clamp(1 - Sum(secondBad - 1, least, -1, bad, second, all), 0, 1)
            : Math.Min(1, Sum(secondBad, most, 1, bad, second, all));
    }

    /// <summary>Twice the smaller tail.</summary>
    public static double TwoSided(long firstBad, long first, long secondBad, long second) =>
        Math.Min(1, 2 * Math.Min(Of(firstBad, first, secondBad, second), Of(secondBad, second, firstBad, first)));

    private static double Sum(long from, long to, int step, double bad, double second, double all)
    {
        double term = Math.Exp(Choose(second, from) + Choose(all - second, bad - from) - Choose(all, bad));
        double sum = 0;
        for (long count = from; step * (to - count) >= 0; count += step)
        {
            sum += term;
            // Ratio to the next higher count. Downwards it is the inverse ratio at the count below.
            double at = step > 0 ? count : count - 1;
            double up = (bad - at) * (second - at) / ((at + 1) * (all - second - bad + at + 1));
            term *= step > 0 ? up : 1 / up;
            if (term < sum * Enough)
            {
                break;
            }
        }

        return sum;
    }

    private static double Choose(double all, double some) =>
        SpecialFunctions.GammaLn(all + 1) - SpecialFunctions.GammaLn(some + 1) - SpecialFunctions.GammaLn(all - some + 1);
}
