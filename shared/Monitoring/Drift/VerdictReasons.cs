using System.Globalization;
using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Why a feature has no verdict, and why its rows count for fewer, in words.</summary>
internal static class VerdictReasons
{
    /// <returns>Null: it has a verdict.</returns>
    public static string? Find(
        ReferenceFeature reference, (long Count, RowWeight Weight) before, (FeatureCounts Counts, long Count, RowWeight Weight) now,
        MonitoringOptions options) =>
        reference.Policy?.Watch == false ? "The manifest leaves it out of the verdict."
        : reference.Feature.IsSummary ? reference.Feature.Width > 0
            ? "All elements of a row are counted together; they depend on each other. "
                + $"The features '{reference.Feature.Name}~<group>' are tested in their place."
            : "All elements of a row are counted together; they depend on each other, so there is no test."
        : reference is { TimeRole: { } role, Policy: not { Watch: true } } ? TimeFunction.WordsOf(role)
        : DesignEffect.RequestsOf(now.Counts) < DesignEffect.MinRequests
            ? $"{now.Count} values, nearly all of fewer than {DesignEffect.MinRequests} requests: "
                + "whether rows of a request resemble each other cannot be told."
        : TooFew(before.Count, before.Weight, now.Count, now.Weight, options.MinimumRows);

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
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"the same inputs come {weight.Copies:0.0} times"));
        }

        return reasons.Count == 0 ? null : string.Join(", ", reasons);
    }

    private static string? TooFew(long reference, RowWeight before, long current, RowWeight now, int needed) =>
        (reference / before.Effect < needed, current / now.Effect < needed) switch
        {
            (true, true) => $"{Words(current, now)} in the window and {Words(reference, before)} in what it is held against; "
                + $"a verdict needs {needed} of both.",
            (true, false) => $"{Words(reference, before)} in what it is held against; a verdict needs {needed}, however many the window has.",
            (false, true) => $"{Words(current, now)} in the window; a verdict needs {needed}.",
            _ => null,
        };

    private static string Words(long count, RowWeight weight) => weight.Effect <= 1
        ? $"{count} values"
        : string.Create(CultureInfo.InvariantCulture, $"{count} values that count for {count / weight.Effect:0}");
}
