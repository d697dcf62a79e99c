namespace Modeldrop.Metrics;

/// <summary>Of how many rows of a group something is true.</summary>
public sealed record GroupCount(string Group, long Cases, long Rows);

/// <summary>A group's rate with bounds that hold for all groups and rates together.</summary>
public sealed record GroupRate(string Group, double Value, double Low, double High, long Rows);

/// <summary>The rates of the groups, and the widest gap between two of them.</summary>
/// <param name="Rates">Of groups with at least ten rows of the kind.</param>
/// <param name="Highest">The group with the highest rate.</param>
/// <param name="Gap">The highest rate less the lowest.</param>
/// <param name="Low">Of the gap; above 0 the groups differ beyond chance.</param>
public sealed record RateGap(IReadOnlyList<GroupRate> Rates, string Highest, string Lowest, double Gap, double Low, double High);

/// <summary>How far apart a rate of groups is.</summary>
/// <remarks>
/// Each rate has exact bounds (<see cref="ClopperPearson"/>), each difference of two those of Zou and Donner (2008) by them, at 95 %
/// divided by the number of bounds over all groups, or pairs, and rates (Bonferroni), so that all hold together with at least 95 %,
/// whichever pair
/// turns out to be the widest.
/// </remarks>
public static class RateGaps
{
    private const double Chance = 0.05;
    private const int LeastRows = 10;

    /// <param name="questions">Rates that are asked of the same groups.</param>
    /// <returns>Null where fewer than two groups have rows enough.</returns>
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
