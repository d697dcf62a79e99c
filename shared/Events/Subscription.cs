using System.Text.Json.Serialization;

namespace Modeldrop.Events;

/// <summary>Where the delivery to a subscriber stands.</summary>
public enum SubscriptionStatus
{
    /// <summary>Events are sent, or tried again when an attempt has failed.</summary>
    Active,

    /// <summary>
    /// Every attempt has failed, or the receiver wants no more. Nothing is lost: the place is kept until it is resumed or deleted.
    /// </summary>
    Dead,
}

/// <summary>Somebody who is told of the registry's events.</summary>
/// <param name="Receiver">An http or https address.</param>
/// <param name="Models">Empty: all.</param>
/// <param name="Types">Of <see cref="EventType.All"/>; empty: all.</param>
/// <param name="Cursor">The last event that the receiver has, or that is not for it.</param>
/// <param name="Delivered">Events that the receiver has taken.</param>
/// <param name="Attempts">Of the event behind the cursor, those that failed.</param>
/// <param name="NextAttemptAt">Null: with the next run.</param>
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

/// <summary>A wish for a subscription.</summary>
/// <param name="After">The place to begin behind, as <c>GET /api/events</c> gives it; absent: what happens from now on.</param>
public sealed record NewSubscription(string? Receiver, IReadOnlyList<string>? Models, IReadOnlyList<string>? Types, string? After);

/// <summary>Goes on with a subscription that is dead.</summary>
/// <param name="After">Another place to go on behind; absent: where it stopped, so that nothing is missed.</param>
public sealed record SubscriptionResume(string? After);
