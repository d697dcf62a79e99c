using System.Globalization;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Pages;

namespace Modeldrop.Monitoring.Reports;

/// <summary>Addresses of the page of one feature.</summary>
internal static class FeatureLink
{
    /// <param name="bin">The bin to list requests for; null: none.</param>
    public static string To(DriftReport report, FeatureDrift feature, string? bin = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"{PageLinks.Drift(report.Model.Value)}?version={report.Version}"
            + $"&from={Figures.Instant(report.From)}&to={Figures.Instant(report.To)}"
            + $"&{Kind(feature)}={Uri.EscapeDataString(feature.Name)}{Baseline(report)}{Bin(bin)}");

    private static string Kind(FeatureDrift feature) => feature.IsOutput ? "output" : "input";

    private static string Baseline(DriftReport report) => $"&baseline={Uri.EscapeDataString(report.Baseline)}";

    private static string Bin(string? bin) => bin is null ? "" : $"&bin={Uri.EscapeDataString(bin)}";
}
