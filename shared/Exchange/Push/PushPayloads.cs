using System.Text.Json.Serialization;
using Modeldrop.Names;

namespace Modeldrop.Exchange.Push;

// Payloads of orchestrations and activities: running instances store them.

/// <summary>A version that is to be registered by another installation.</summary>
/// <param name="Target">Its name in the settings.</param>
/// <param name="As">The model that it becomes a version of there.</param>
/// <param name="WithData">Whether reference and validation data go with it.</param>
public sealed record PushInput(ModelName Model, int Version, string Target, ModelName As, bool WithData, string Actor)
{
    [JsonIgnore]
    public VersionName Name => new(Model, Version);
}

/// <param name="Operation">Its id: the other installation takes a push under it once, however often it is sent.</param>
public sealed record PushStepInput(string Operation, PushInput Push);

/// <param name="There">The operation of the other installation; null: it has refused the bundle.</param>
/// <param name="Refusal">Why; null: it has not.</param>
public sealed record PushedBundle(string? There, string? Refusal);

/// <param name="There">The operation of the other installation.</param>
public sealed record FollowPushInput(PushInput Push, string There);

/// <summary>Where the operation of the other installation stands.</summary>
/// <param name="Outcome">As that one says it; null: it has not ended.</param>
/// <param name="Step">What it does, or why nobody knows.</param>
/// <param name="Version">There; null: none.</param>
public sealed record PushState(string? Outcome, string Step, int? Version, IReadOnlyList<string> Reasons);
