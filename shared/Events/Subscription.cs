using System.Text.Json.Serialization;

namespace Modeldrop.Events;

/// <summary>The state of the delivery to a subscriber.</summary>
public enum SubscriptionStatus
{
    /// <summary>Events are sent, and failed attempts are retried.</summary>
    Active,

    /// <summary>
    /// Every attempt has failed, or the receiver wants no more events. Nothing is lost: the cursor is kept until the subscription is
    /// resumed or deleted.
    /// </summary>
    Dead,
}

/// <summary>A receiver that is notified of the registry's events.</summary>
/// <param name="Receiver">An http or https address.</param>
/// <param name="Models">Empty: all.</param>
/// <param name="Types">Types from <see cref="EventType.All"/>; empty: all.</param>
/// <param name="Cursor">The last event that the receiver has taken or that is not for it.</param>
/// <param name="Delivered">Events that the receiver has taken.</param>
/// <param name="Attempts">Failed attempts to send the event after the cursor.</param>
/// <param name="NextAttemptAt">Null: in the next run.</param>
/// <param name="LastError">Why the last attempt failed.</param>
public sealed record Subscription(
    string Id,
    string Receiver,
    IReadOnlyList<string> Models,
    IReadOnlyList<string> Types,
    SubscriptionStatus Status,
    [property: JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)] long Cursor,
    long Delivered,
    int Attempts,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? LastDeliveredAt,
    string? LastError,
    DateTimeOffset CreatedAt,
    string CreatedBy);

/// <summary>All subscriptions, the oldest first.</summary>
public sealed record SubscriptionList(IReadOnlyList<Subscription> Subscriptions);

/// <summary>A request for a subscription.</summary>
/// <param name="After">The cursor to start after, from <c>GET /api/events</c>; absent: only events from now on.</param>
public sealed record NewSubscription(string? Receiver, IReadOnlyList<string>? Models, IReadOnlyList<string>? Types, string? After);

/// <summary>Resumes a dead subscription.</summary>
/// <param name="After">The cursor to resume after; absent: where delivery stopped, so that nothing is missed.</param>
public sealed record SubscriptionResume(string? After);
