using System.Text.Json.Serialization;
using Modeldrop.Drops;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Registration;

// Running instances store the payloads of orchestrations and activities.

/// <summary>A drop to register as a version.</summary>
/// <param name="Path">Path of the <c>.onnx</c> blob, or of the bundle, in the drop container.</param>
/// <param name="ETag">ETag of that blob when it was announced.</param>
/// <param name="Actor">Who dropped it, if known.</param>
/// <param name="IsUpload">Whether all its files arrived at once, by HTTP or as a bundle, so that it waits for no others.</param>
/// <param name="Late">The companion that arrived after the drop was taken; null: the model itself arrived.</param>
public sealed record RegisterInput(string Path, string ETag, Identity Actor, bool IsUpload = false, LateFile? Late = null)
{
    /// <summary>The operation that registers it. Announcing the same blob again yields the same id.</summary>
    [JsonIgnore]
    public OperationId Id => Late is { } late
        ? OperationId.ForLateFile(DropPath.Find(Path)?.Model, Path, ETag, late.Name, late.ETag)
        : OperationId.ForDrop(DropPath.Find(Path)?.Model, Path, ETag);

    /// <summary>Whether other files of its folder may still be on their way.</summary>
    [JsonIgnore]
    public bool WaitsForFiles => !IsUpload || Late is not null;
}

/// <summary>A companion that arrived after its drop was taken.</summary>
/// <param name="Name">Path below the drop's folder.</param>
public sealed record LateFile(string Name, string ETag);

/// <param name="Operation">The operation's id. Every effect is stored under it, so that a repetition finds it.</param>
public sealed record DropInput(OperationId Operation, RegisterInput Drop);

/// <summary>What a drop is waiting for.</summary>
/// <param name="Pause">Time until the next look.</param>
public sealed record LookResult(TimeSpan Pause, string Reason);

/// <param name="Again">Whether to take the files again because some have arrived since.</param>
/// <param name="External">Files that the graph refers to and that were missing; empty before the graph was read.</param>
/// <param name="Waited">Whether it has waited for a slot: the operation that holds the slot may be dead.</param>
public sealed record StageInput(DropInput Drop, bool Again, IReadOnlyList<string> External, bool Waited = false);

/// <param name="Superseded">The blob is no longer the announced one: a newer announcement is being processed.</param>
/// <param name="Model">The model's name, if the drop's folder is a valid one.</param>
/// <param name="Violations">The violations of the drop; empty when it may go on.</param>
/// <param name="DroppedAt">When the model arrived, by the store's clock, to the second; null: it does not go on.</param>
/// <param name="Slot">Its place in the line; null: it is not in the line. Without a slot nothing is taken; request again when it is its
/// turn.</param>
/// <param name="Taken">See <see cref="StagedDrop.Taken"/>; null if nothing was taken.</param>
/// <param name="Waits">What it is waiting for, and until when; null: all files have arrived. While it waits, nothing is taken.</param>
public sealed record StageResult(
    bool Superseded, ModelName? Model, IReadOnlyList<string> Violations, DateTimeOffset? DroppedAt = null, SlotTurn? Slot = null,
    IReadOnlyDictionary<string, string>? Taken = null, LookResult? Waits = null);

/// <param name="Violations">All violations; empty when the drop may become a version.</param>
/// <param name="MissingFiles">External data that are missing, if nothing else is wrong with the model: they may still arrive.</param>
/// <param name="HasChanged">Whether files have arrived since the drop was staged, so that the violations may no longer apply.</param>
public sealed record InspectResult(IReadOnlyList<string> Violations, IReadOnlyList<string> MissingFiles, bool HasChanged = false);

/// <param name="MustBeWhole">Whether to register nothing if files have arrived since the drop was staged.</param>
/// <param name="Queue">The model whose queue of workflows to enter first; null: it is already the operation's turn.</param>
public sealed record RegisterVersionInput(DropInput Drop, bool MustBeWhole, ModelName? Queue);

/// <summary>The outcome of a drop.</summary>
/// <param name="Version">0: no version, because files have arrived since the drop was staged.</param>
/// <param name="Existing">Whether the same bytes already were this version, so that nothing was written.</param>
/// <param name="Completed">Whether the version got companions that arrived late.</param>
/// <param name="Failed">Whether the version failed its validation with such companions.</param>
/// <param name="Waits">Whether nothing has happened yet because another workflow of the model is in front.</param>
/// <param name="Refusal">Why there is no version: the result of the inspection no longer holds; null: there is one.</param>
public sealed record RegisterVersionResult(
    int Version, bool Existing, VersionStatus Status, bool Completed = false, bool Failed = false, bool Waits = false,
    string? Refusal = null)
{
    /// <summary>
    /// Whether its status is still to be decided: it was never validated, or it was rejected and files have arrived for it.
    /// </summary>
    public bool IsOpen => Status is VersionStatus.Registered or VersionStatus.Validating || (Completed && Status == VersionStatus.Rejected);

    public static RegisterVersionResult Changed { get; } = new(0, Existing: false, VersionStatus.Registered);

    public static RegisterVersionResult Refused(string reason) => Changed with { Refusal = reason };

    public static RegisterVersionResult Behind { get; } = Changed with { Waits = true };
}

/// <summary>The end of a registration.</summary>
/// <param name="Queue">The model whose workflow queue the operation has entered; null if it has not.</param>
/// <param name="HasSlot">Whether it has a slot or waits in the line for one.</param>
/// <param name="Version">The version that was refused; null if the drop did not become one.</param>
/// <param name="Reasons">Why the drop or its version is refused; empty when it is not.</param>
public sealed record FinishDropInput(
    OperationId Operation, RegisterInput Drop, ModelName? Queue, bool HasSlot, int? Version, IReadOnlyList<string> Reasons);

/// <summary>The end of a validation that late files started.</summary>
/// <param name="Reasons">Why the version failed; empty if it has passed.</param>
public sealed record ConcludeLateInput(VersionInput Version, IReadOnlyList<string> Reasons);

/// <param name="RollBackTo">The version that takes over; null: the champion stays.</param>
/// <param name="Explanation">The consequence for the champion, in a sentence; empty if there is none.</param>
public sealed record LateConclusion(int? RollBackTo, string Explanation);
