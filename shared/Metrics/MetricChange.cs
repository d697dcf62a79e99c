namespace Modeldrop.Metrics;

/// <summary>Whether a metric has become worse from one sample of rows to another, each with its own error.</summary>
/// <remarks>
/// Source: Zou and Donner, Construction of confidence limits about effect measures: a general approach (2008), "MOVER": the bound of a
/// difference from the bounds of its parts. It keeps what makes the parts' own bounds right near 0 and 1.
/// </remarks>
public static class MetricChange
{
    /// <summary>Drop of a share or an area, 0 to 1, that does not matter.</summary>
    public const double Floor = 0.02;

    /// <summary>Increase of an error or a loss, as a share of itself, that does not matter.</summary>
    public const double ErrorFloor = 0.1;

    /// <param name="lowerIsBetter">An error or a loss.</param>
    /// <param name="floor">What does not matter: of a share or an area as it is, of an error as a share of itself.</param>
    /// <param name="tail">With which chance a metric that has not changed may be called worse, at most.</param>
    /// <returns>False also where there are too few rows of a kind for a verdict.</returns>
    public static bool IsWorse(MetricEvidence before, MetricEvidence now, bool lowerIsBetter, double floor, double tail)
    {
        if (!before.IsEnough || !now.IsEnough)
        {
            return false;
        }

        // How much worse, and how far that may be wrong in the direction of no change.
        double scale = lowerIsBetter ? 1 + floor : 1;
        double worse = lowerIsBetter ? now.Value - (scale * before.Value) : before.Value - now.Value - floor;
        double ofNow = lowerIsBetter ? now.Value - now.Lower(tail) : now.Upper(tail) - now.Value;
        double ofBefore = scale * (lowerIsBetter ? before.Upper(tail) - before.Value : before.Value - before.Lower(tail));
        return worse > Math.Sqrt((ofNow * ofNow) + (ofBefore * ofBefore));
    }
}
