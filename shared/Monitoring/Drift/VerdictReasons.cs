using System.Globalization;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Explains in words why a feature has no verdict, and why its rows count for fewer.</summary>
internal static class VerdictReasons
{
    /// <param name="isOwn">Whether the window is compared with the reference data, not with a baseline from the log.</param>
    /// <returns>Null: the feature has a verdict.</returns>
    public static string? Find(
        ReferenceFeature reference, bool isOwn, (long Count, RowWeight Weight) before, (long Count, RowWeight Weight) now,
        MonitoringOptions options) =>
        reference.Policy?.Watch == false ? "The manifest leaves it out of the verdict."
        : reference.Feature.IsSummary ? "All elements of a row are counted together; they depend on each other. "
            + $"The features '{reference.Feature.Name}~<group>' are tested in their place."
        : reference.IsFixed && isOwn ? "All rows of a data file have the same number of elements, here "
            + $"{reference.MeanOf(reference.Counts):0}, whatever the traffic has. "
            + "A 'monitoring.baseline' of earlier traffic compares the number."
        : reference is { TimeRole: { } role, Policy: not { Watch: true } } ? TimeFunction.WordsOf(role)
        : !now.Weight.IsKnown
            ? $"{now.Count} values, nearly all from fewer than {DesignEffect.MinRequests} requests: "
                + "the similarity of a request's rows is unknown."
        : TooFew(isOwn ? "the reference" : "the baseline", before, now, options.MinimumRows);

    public static string? WhyFewer(RowWeight weight)
    {
        List<string> reasons = [];
        if (weight.Requests >= 1.05)
        {
            reasons.Add(string.Create(CultureInfo.InvariantCulture,
                $"rows of one request resemble each other (divided by {weight.Requests:0.0})"));
        }

        if (weight.Copies >= 1.05)
        {
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"the same inputs occur {weight.Copies:0.0} times"));
        }

        return reasons.Count == 0 ? null : string.Join(", ", reasons);
    }

    private static string? TooFew(string baseline, (long Count, RowWeight Weight) before, (long Count, RowWeight Weight) now, int needed) =>
        (IsTooFew(before, needed), IsTooFew(now, needed)) switch
        {
            (true, true) => $"{Words(now)} in the window and {Words(before)} in {baseline}; a verdict needs {needed} of both.",
            (true, false) => $"{Words(before)} in {baseline}; a verdict needs {needed}, however many values the window has.",
            (false, true) => $"{Words(now)} in the window; a verdict needs {needed}.",
            _ => null,
        };

    private static bool IsTooFew((long Count, RowWeight Weight) side, int needed) => side.Count / side.Weight.Effect < needed;

    private static string Words((long Count, RowWeight Weight) side) => side.Weight.Effect <= 1
        ? $"{side.Count} values"
        : string.Create(CultureInfo.InvariantCulture, $"{side.Count} values that count as {side.Count / side.Weight.Effect:0}");
}
