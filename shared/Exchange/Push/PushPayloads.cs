using System.Text.Json.Serialization;
using Modeldrop.Names;

namespace Modeldrop.Exchange.Push;

// Payloads of orchestrations and activities: running instances store them.

/// <summary>A version to register at another installation.</summary>
/// <param name="Target">The installation's name in the settings.</param>
/// <param name="As">The model there that gets the new version.</param>
/// <param name="WithData">Whether reference and validation data are included.</param>
public sealed record PushInput(ModelName Model, int Version, string Target, ModelName As, bool WithData)
{
    [JsonIgnore]
    public VersionName Name => new(Model, Version);
}

/// <param name="Operation">The operation's id. The other installation accepts a push with this id once, however often it is sent.</param>
public sealed record PushStepInput(OperationId Operation, PushInput Push);

/// <param name="There">The operation at the other installation; null: it refused the bundle.</param>
/// <param name="Refusal">Why it refused the bundle; null: it did not.</param>
public sealed record PushedBundle(string? There, string? Refusal);

/// <param name="There">The operation at the other installation.</param>
public sealed record FollowPushInput(PushInput Push, string There);

/// <summary>The state of the operation at the other installation.</summary>
/// <param name="Outcome">As the other installation reports it; null: the operation has not ended.</param>
/// <param name="Step">The current step, or why it is unknown.</param>
/// <param name="Version">The version's number there; null: none.</param>
public sealed record PushState(string? Outcome, string Step, int? Version, IReadOnlyList<string> Reasons);
