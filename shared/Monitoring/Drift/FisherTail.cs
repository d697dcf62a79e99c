using MathNet.Numerics.Distributions;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Fisher's exact test of two shares, to one side.</summary>
internal static class FisherTail
{
    /// <summary>Chance of at least this many of the second sample's among the bad ones, when both samples are alike.</summary>
    public static double Of(long firstBad, long first, long secondBad, long second) => secondBad == 0
        ? 1
        : 1 - Hypergeometric.CDF(Integer(first + second), Integer(firstBad + secondBad), Integer(second), secondBad - 1);

    private static int Integer(long count) => (int)Math.Min(count, int.MaxValue);
}
