namespace Modeldrop.Metrics;

/// <summary>Decides whether a metric has become worse between two samples of rows, each with its own error.</summary>
/// <remarks>
/// Source: Zou and Donner, Construction of confidence limits about effect measures: a general approach (2008), "MOVER": the bound of a
/// difference from the bounds of its parts. It preserves the accuracy of the parts' own bounds near 0 and 1.
/// </remarks>
public static class MetricChange
{
    /// <summary>Tolerated decrease of a share or an area, 0 to 1.</summary>
    public const double Floor = 0.02;

    /// <summary>Tolerated increase of an error or a loss, as a share of itself.</summary>
    public const double ErrorFloor = 0.1;

    /// <param name="lowerIsBetter">True for an error or a loss.</param>
    /// <param name="floor">The tolerance: absolute for a share or an area, relative for an error.</param>
    /// <param name="tail">Maximum chance that an unchanged metric is called worse.</param>
    /// <returns>Also false when there are too few rows of a kind for a verdict.</returns>
    public static bool IsWorse(MetricEvidence before, MetricEvidence now, bool lowerIsBetter, double floor, double tail)
    {
        if (!before.IsEnough || !now.IsEnough)
        {
            return false;
        }

        // The deterioration, and how far it may be overestimated.
        double scale = lowerIsBetter ? 1 + floor : 1;
        double worse = lowerIsBetter ? now.Value - (scale * before.Value) : before.Value - now.Value - floor;
        double ofNow = lowerIsBetter ? now.Value - now.Lower(tail) : now.Upper(tail) - now.Value;
        double ofBefore = scale * (lowerIsBetter ? before.Upper(tail) - before.Value : before.Value - before.Lower(tail));
        return worse > Math.Sqrt((ofNow * ofNow) + (ofBefore * ofBefore));
    }
}
