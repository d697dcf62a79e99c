using System.Globalization;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Monitoring.Watch;

namespace Modeldrop.Lifecycle.Consequences;

/// <summary>Writes the text of a drift alert: what changed, since when, how certain it is, what it may cost, and what to do.</summary>
internal static class DriftAlertText
{
    private const int MaxFeatures = 5;

    private static readonly string[] Metrics = ["roc_auc", "accuracy", "f1", "mae", "rmse"];

    /// <param name="cost">Null: the cost cannot be estimated.</param>
    public static string Begun(DriftReport report, IReadOnlyList<WatchedFeature> alarmed, string? cost, DriftAction action)
    {
        string names = string.Join(", ", alarmed.OrderByDescending(feature => feature.LogEvidence).Take(MaxFeatures)
            .Select(feature => Changed(report, feature)));
        string more = alarmed.Count > MaxFeatures ? $" and {alarmed.Count - MaxFeatures} more" : "";
        DateTimeOffset since = alarmed.Min(feature => feature.Since ?? feature.Alarmed)!.Value;
        double found = Tens(alarmed.Max(feature => feature.LogEvidence));
        string sure = string.Create(
            CultureInfo.InvariantCulture, $"{found:0.0} powers of ten of evidence, {Tens(report.Watch!.NeededLogEvidence):0.0} needed");
        return $"Drift in version {report.Version} of '{report.Model}': {names}{more}, since {since:u} ({sure}). "
            + $"{cost ?? "The cost is not known."} {ToDo(action)}";
    }

    /// <summary>The text for an alarm that has ended.</summary>
    public static string Over(DriftReport report)
    {
        string baseline = report.Baseline == DriftBaseline.OfReference ? "the reference data" : $"the baseline {report.Baseline}";
        return $"The last day of traffic of version {report.Version} of '{report.Model}' agrees with {baseline} again: "
            + "no feature is further from it than half the floor.";
    }

    /// <summary>Compares the estimates for the windows before and after <paramref name="since"/>; null if one of them is missing.</summary>
    public static string? Cost(PerformanceReport read, DateTimeOffset since)
    {
        WindowPerformance? before = read.Windows.FirstOrDefault(window => window.From < since);
        WindowPerformance? after = read.Windows.FirstOrDefault(window => window.From >= since);
        if (before?.Estimated is not { Withdrawn: null } then || after?.Estimated is not { } now)
        {
            return null;
        }

        if (now.Withdrawn is { } why)
        {
            return $"The cost cannot be estimated: {why}";
        }

        return Metrics.FirstOrDefault(metric => then.Metrics.ContainsKey(metric) && now.Metrics.ContainsKey(metric)) is { } name
            ? string.Create(CultureInfo.InvariantCulture,
                $"Estimated {name} {then.Metrics[name].Value:0.000} before and {now.Metrics[name].Value:0.000} after.")
            : null;
    }

    private static double Tens(double logarithm) => logarithm / Math.Log(10);

    private static string Changed(DriftReport report, WatchedFeature watched)
    {
        string name = (watched.IsOutput ? "output " : "") + watched.Name;
        FeatureDrift? feature = report.Features.FirstOrDefault(one => one.Name == watched.Name && one.IsOutput == watched.IsOutput);
        return feature switch
        {
            { ReferenceMean: { } before, CurrentMean: { } now } =>
                string.Create(CultureInfo.InvariantCulture, $"{name} (mean {before:G4}, now {now:G4})"),
            { MovedMost: [var bin, ..] } => $"{name} (most in {bin})",
            _ => name,
        };
    }

    private static string ToDo(DriftAction action) => action switch
    {
        DriftAction.Rollback => "The version is rolled back if there is one to go back to.",
        DriftAction.Retrain => "A training has been requested.",
        _ => "Look at the report: repair the feed, retrain, or take the new traffic as the baseline.",
    };
}
