using MathNet.Numerics;

namespace Modeldrop.Metrics;

/// <summary>Tests whether more scores are outside the range of a sample than chance explains.</summary>
/// <remarks>
/// Of n values, the minimum and the maximum leave 2 / (n + 1) of the next values outside on average: with 150 rows already 1.3 %. The
/// number outside among m new values has a beta-binomial distribution with parameters m, 2 and n − 1, whatever the distribution of the
/// values. Source: Wilks, Statistical prediction with special reference to the problem of tolerance limits (1942). A small chance means
/// that the new values have a different distribution. Values equal to an end are inside, so with ties the chance is an upper bound.
/// </remarks>
public static class ScoreRange
{
    /// <summary>The chance of at least this many values outside.</summary>
    /// <param name="outside">Number of <paramref name="values"/> outside.</param>
    /// <param name="sample">Number of values that define the range; at least two.</param>
    public static double Tail(long outside, long values, long sample)
    {
        if (outside <= 0 || sample < 2)
        {
            return 1;
        }

        // In a random order of all values, at most one of the first outside + 1 is from the sample.
        double one = (outside + 1) * AllNew(outside, values, sample) * sample / (values + sample - outside);
        double none = outside + 1 > values ? 0 : AllNew(outside + 1, values, sample);
        return Math.Min(1, none + one);
    }

    /// <summary>The chance that all of the first <paramref name="first"/> are new values.</summary>
    private static double AllNew(long first, long values, long sample) => Math.Exp(
        SpecialFunctions.GammaLn(values + 1) - SpecialFunctions.GammaLn(values - first + 1)
        - SpecialFunctions.GammaLn(values + sample + 1) + SpecialFunctions.GammaLn(values + sample - first + 1));
}
