using Modeldrop.Manifests;
using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Summarises a drift report in one sentence.</summary>
internal static class DriftWords
{
    private const int MaxNames = 20;

    public static string Summarise(
        DriftStatus status, HourProfile window, HourProfile? before, DriftBaseline baseline, long referenceRows,
        IReadOnlyList<FeatureDrift> features, MonitoringOptions settings)
    {
        string[] drifted = [.. features.Where(feature => feature.Drifted && feature.IsCounted).Select(NameOf)];
        int tested = features.Count(feature => feature.IsCounted);
        string[] bad = [.. features.Where(feature => feature.Issues.Count > 0).Select(NameOf)];
        string[] untested = [.. features.Where(feature => feature.NoVerdict is not null && feature.Slice is null).Select(NameOf)];
        string notes = (bad.Length == 0 ? "" : $" Data quality: {List(bad)}.")
            + (untested.Length == 0 ? "" : $" Without a verdict: {List(untested)}.");
        return status switch
        {
            DriftStatus.NoReference =>
                $"The version has no reference data, so nothing is compared; its first {settings.ReferenceRows} logged rows will be its "
                    + $"reference.",
            DriftStatus.TooFewRows when before is not null && before.Rows < settings.MinimumRows && baseline.Weeks > 0 =>
                $"{window.Rows} rows in the window; the same hours of the {baseline.Weeks} weeks before have {before.Rows}, "
                + $"and a verdict needs {settings.MinimumRows} of both.",
            DriftStatus.TooFewRows when before is not null && before.Rows < settings.MinimumRows =>
                $"{window.Rows} rows in the window and {before.Rows} in the baseline {baseline}; "
                + $"a verdict needs {settings.MinimumRows} of both.",
            DriftStatus.TooFewRows when window.Rows < settings.MinimumRows =>
                $"{window.Rows} rows in the window; a verdict needs {settings.MinimumRows}.",
            DriftStatus.TooFewRows when referenceRows < settings.MinimumRows =>
                $"The reference has {referenceRows} rows; a verdict needs {settings.MinimumRows}, however many rows the window has "
                    + $"({window.Rows}). Drop a version with more reference data.",
            DriftStatus.TooFewRows => $"No feature has a verdict over {window.Rows} rows; each states its reason.",
            _ when drifted.Length == 0 => $"No drift in {tested} features over {window.Rows} rows.{notes}",
            _ => $"{drifted.Length} of {tested} features drifted over {window.Rows} rows: {List(drifted)}.{notes}",
        };
    }

    private static string NameOf(FeatureDrift feature) => (feature.IsOutput ? "output " : "") + feature.Name;

    private static string List(string[] names) =>
        string.Join(", ", names.Take(MaxNames)) + (names.Length > MaxNames ? $" and {names.Length - MaxNames} more" : "");
}
