using MathNet.Numerics.Distributions;

namespace Modeldrop.Metrics;

/// <summary>Exact one-sided bounds of a rate, from the number of cases in a number of trials.</summary>
/// <remarks>
/// Source: Clopper and Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial (1934). Upper: the
/// quantile of Beta(k + 1, n − k) at the confidence, 1 when all trials are cases; lower: the quantile of Beta(k, n − k + 1) at 1 −
/// confidence, 0 when none is. Never too narrow: the true rate is beyond a bound with a chance of at most 1 − confidence. With no case in n
/// trials the upper bound at 95 % is about 3 / n.
/// </remarks>
public static class ClopperPearson
{
    public const double Confidence = 0.95;

    public static double Upper(long cases, long trials) => Upper(cases, trials, 1 - Confidence);

    public static double Lower(long cases, long trials) => Lower(cases, trials, 1 - Confidence);

    /// <param name="tail">Maximum chance that the true rate is beyond the bound.</param>
    public static double Upper(double cases, double trials, double tail) =>
        cases >= trials ? 1 : Beta.InvCDF(cases + 1, trials - cases, 1 - tail);

    /// <param name="tail">Maximum chance that the true rate is beyond the bound.</param>
    public static double Lower(double cases, double trials, double tail) => cases == 0 ? 0 : Beta.InvCDF(cases, trials - cases + 1, tail);

    /// <summary>Smallest number of trials without a case whose upper bound is at most <paramref name="rate"/>.</summary>
    public static long LeastTrials(double rate) =>
        rate >= 1 ? 1 : rate <= 0 ? long.MaxValue : (long)Math.Ceiling(Math.Log(1 - Confidence) / Math.Log(1 - rate));
}
