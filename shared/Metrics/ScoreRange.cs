using MathNet.Numerics;

namespace Modeldrop.Metrics;

/// <summary>Whether more scores lie outside the range of a sample than chance puts there.</summary>
/// <remarks>
/// Of n values the least and the greatest leave 2 / (n + 1) of the next ones outside on average: with 150 rows already 1.3 %. The number
/// outside among m new ones follows a beta-binomial distribution with parameters m, 2 and n − 1, whatever the values are distributed
/// like. Source: Wilks, Statistical prediction with special reference to the problem of tolerance limits (1942). Small means that the new
/// values come from elsewhere. Values that equal an end are inside, so ties make the chance an upper bound.
/// </remarks>
public static class ScoreRange
{
    /// <summary>The chance of so many values outside, or more.</summary>
    /// <param name="outside">Of <paramref name="values"/>.</param>
    /// <param name="sample">Values that the range is of; at least two.</param>
    public static double Tail(long outside, long values, long sample)
    {
        if (outside <= 0 || sample < 2)
        {
            return 1;
        }

        // In a random order of all values, at most one of the first outside + 1 is of the sample.
        double one = (outside + 1) * AllNew(outside, values, sample) * sample / (values + sample - outside);
        double none = outside + 1 > values ? 0 : AllNew(outside + 1, values, sample);
        return Math.Min(1, none + one);
    }

    /// <summary>All of the first <paramref name="first"/> are new values.</summary>
    private static double AllNew(long first, long values, long sample) => Math.Exp(
        SpecialFunctions.GammaLn(values + 1) - SpecialFunctions.GammaLn(values - first + 1)
        - SpecialFunctions.GammaLn(values + sample + 1) + SpecialFunctions.GammaLn(values + sample - first + 1));
}
