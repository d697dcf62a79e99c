using System.Text.Json;
using Modeldrop.Names;

namespace Modeldrop.Monitoring.Alerts;

/// <summary>What an alert is about.</summary>
public enum AlertKind
{
    /// <summary>The traffic is not what the version was trained on.</summary>
    Drift,

    /// <summary>Values are missing, out of range or unseen.</summary>
    DataQuality,

    /// <summary>The version answers worse than at its validation.</summary>
    Degraded,

    /// <summary>The labels that came have another distribution than at the validation.</summary>
    TargetDrift,

    /// <summary>Rows with like answers turn out otherwise than at the validation.</summary>
    ConceptDrift,

    /// <summary>The champion failed its validation with files that came late.</summary>
    Validation,

    /// <summary>Somebody is asked to train the model again.</summary>
    Retrain,

    /// <summary>After an alarm: which version would have done best on the window.</summary>
    Comparison,
}

/// <summary>Where an alert's delivery stands.</summary>
public enum DeliveryStatus
{
    /// <summary>The manifest names no receiver: it is listed here alone.</summary>
    Listed,

    Pending,

    Delivered,

    /// <summary>Every attempt has failed, or the receiver does not want it.</summary>
    Dead,
}

/// <summary>Something that a person has to know.</summary>
/// <param name="Id">Of the event; the receiver's key against doubles.</param>
/// <param name="Resolved">It says that the condition is over.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Data">The figures behind it.</param>
/// <param name="Receiver">Null: nobody but those who look here.</param>
/// <param name="NextAttemptAt">Null when there is none.</param>
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

/// <summary>A page of alerts, newest first.</summary>
/// <param name="NextPage">Null behind the last one.</param>
public sealed record AlertPage(IReadOnlyList<Alert> Alerts, string? NextPage)
{
    /// <summary>The same page without the alerts of models that the reader may not see: it may be shorter than was asked for.</summary>
    /// <param name="sees">Which models the reader may see.</param>
    public AlertPage SeenBy(Func<ModelName, bool> sees) => this with { Alerts = [.. Alerts.Where(alert => sees(alert.Model))] };
}

/// <summary>A condition that was told and is not over.</summary>
public sealed record RaisedCondition(ModelName Model, int Version, AlertKind Kind, DateTimeOffset Since);
