using Modeldrop.Monitoring.Alerts;

namespace Modeldrop.Site;

/// <summary>The subject of an alert in words.</summary>
public static class AlertWords
{
    public static string Of(AlertKind kind) => kind switch
    {
        AlertKind.Drift => "drift",
        AlertKind.DataQuality => "data quality",
        AlertKind.Degraded => "worse answers",
        AlertKind.TargetDrift => "target drift",
        AlertKind.ConceptDrift => "concept drift",
        AlertKind.Validation => "late validation failed",
        AlertKind.Retrain => "retrain",
        _ => "comparison",
    };
}
