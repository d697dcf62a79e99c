namespace Modeldrop.Metrics;

/// <summary>The number of cases among the rows of a group.</summary>
public sealed record GroupCount(string Group, long Cases, long Rows);

/// <summary>A group's rate, with bounds that hold for all groups and rates together.</summary>
public sealed record GroupRate(string Group, double Value, double Low, double High, long Rows);

/// <summary>The rates of the groups, and the widest gap between two of them.</summary>
/// <param name="Rates">Rates of the groups with at least ten relevant rows.</param>
/// <param name="Highest">The group with the highest rate.</param>
/// <param name="Gap">The highest rate minus the lowest.</param>
/// <param name="Low">Lower bound of the gap; above 0, the groups differ by more than chance.</param>
public sealed record RateGap(IReadOnlyList<GroupRate> Rates, string Highest, string Lowest, double Gap, double Low, double High);

/// <summary>Measures the gaps between the rates of groups.</summary>
/// <remarks>
/// Each rate has exact bounds (<see cref="ClopperPearson"/>), and each difference of two rates the bounds of Zou and Donner (2008) from
/// them. The error, 5 %, is divided by the number of bounds over all groups, or pairs, and rates (Bonferroni), so that all bounds hold
/// together with at least 95 %, whichever pair is the widest.
/// </remarks>
public static class RateGaps
{
    private const double Chance = 0.05;
    private const int LeastRows = 10;

    /// <param name="questions">Number of rates computed for the same groups.</param>
    /// <returns>Null when fewer than two groups have enough rows.</returns>
    public static RateGap? Of(IReadOnlyList<GroupCount> groups, int questions)
    {
        GroupCount[] known = [.. groups.Where(group => group.Rows >= LeastRows)];
        if (known.Length < 2)
        {
            return null;
        }

        double ofRates = Chance / (2.0 * known.Length * questions);
        double ofGaps = Chance / ((double)known.Length * (known.Length - 1) * questions);
        GroupCount highest = known.MaxBy(RateOf)!;
        GroupCount lowest = known.MinBy(RateOf)!;
        double gap = RateOf(highest) - RateOf(lowest);
        (double low, double high) = BoundsOf(highest, ofGaps);
        (double otherLow, double otherHigh) = BoundsOf(lowest, ofGaps);
        return new RateGap(
            [.. known.Select(group => new GroupRate(
                group.Group, RateOf(group), BoundsOf(group, ofRates).Low, BoundsOf(group, ofRates).High, group.Rows))],
            highest.Group, lowest.Group, gap,
            gap - Norm(RateOf(highest) - low, otherHigh - RateOf(lowest)), gap + Norm(high - RateOf(highest), RateOf(lowest) - otherLow));
    }

    private static double RateOf(GroupCount group) => (double)group.Cases / group.Rows;

    private static (double Low, double High) BoundsOf(GroupCount group, double tail) =>
        (ClopperPearson.Lower(group.Cases, group.Rows, tail), ClopperPearson.Upper(group.Cases, group.Rows, tail));

    private static double Norm(double one, double other) => Math.Sqrt((one * one) + (other * other));
}
