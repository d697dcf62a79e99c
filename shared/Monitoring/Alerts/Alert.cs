using System.Text.Json;
using Modeldrop.Names;

namespace Modeldrop.Monitoring.Alerts;

/// <summary>What an alert is about.</summary>
public enum AlertKind
{
    /// <summary>The traffic differs from the data that the version was trained on.</summary>
    Drift,

    /// <summary>Values are missing, out of range or unseen.</summary>
    DataQuality,

    /// <summary>The version performs worse than at its validation.</summary>
    Degraded,

    /// <summary>The arriving labels have a different distribution than at the validation.</summary>
    TargetDrift,

    /// <summary>Rows with similar answers have different outcomes than at the validation.</summary>
    ConceptDrift,

    /// <summary>The champion failed its validation on files that arrived later.</summary>
    Validation,

    /// <summary>Requests that a person trains the model again.</summary>
    Retrain,

    /// <summary>After an alarm: which version would have performed best on the window.</summary>
    Comparison,
}

/// <summary>The state of an alert's delivery.</summary>
public enum DeliveryStatus
{
    /// <summary>The manifest names no receiver: the alert is only listed here.</summary>
    Listed,

    Pending,

    Delivered,

    /// <summary>Every attempt failed, or the receiver rejected the alert.</summary>
    Dead,
}

/// <summary>An event that a person must know about.</summary>
/// <param name="Id">The event's id. Receivers use it to detect duplicates.</param>
/// <param name="Resolved">Whether the alert says that the condition is over.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Data">The figures behind the alert.</param>
/// <param name="Receiver">Null: the alert is only listed here.</param>
/// <param name="NextAttemptAt">Null when no attempt is planned.</param>
/// <param name="LastError">Why the last attempt failed.</param>
public sealed record Alert(
    string Id,
    AlertKind Kind,
    bool Resolved,
    ModelName Model,
    int Version,
    DateTimeOffset At,
    string Summary,
    JsonElement Data,
    string? Receiver,
    DeliveryStatus Status,
    int Attempts,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? DeliveredAt,
    string? LastError);

/// <summary>Selects alerts; a member that is null selects all.</summary>
/// <param name="To">Exclusive.</param>
/// <param name="Page">From the previous page; null: the first page.</param>
public sealed record AlertQuery(
    int PageSize, ModelName? Model = null, DeliveryStatus? Status = null, DateTimeOffset? From = null, DateTimeOffset? To = null,
    string? Page = null);

/// <summary>A page of alerts, newest first.</summary>
/// <param name="NextPage">Null on the last page.</param>
public sealed record AlertPage(IReadOnlyList<Alert> Alerts, string? NextPage)
{
    /// <summary>The same page without the alerts of models that the reader may not see. It may be shorter than requested.</summary>
    /// <param name="sees">Which models the reader may see.</param>
    public AlertPage SeenBy(Func<ModelName, bool> sees) => this with { Alerts = [.. Alerts.Where(alert => sees(alert.Model))] };
}

/// <summary>A condition that was reported and still holds.</summary>
public sealed record RaisedCondition(ModelName Model, int Version, AlertKind Kind, DateTimeOffset Since);
