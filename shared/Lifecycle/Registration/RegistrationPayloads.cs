using System.Text.Json.Serialization;
using Modeldrop.Drops;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Registration;

// Payloads of orchestrations and activities: running instances store them.

/// <summary>A drop that asks to become a version.</summary>
/// <param name="Path">Of the <c>.onnx</c> blob, or the bundle, in the drop container.</param>
/// <param name="ETag">Of that blob, as it was announced.</param>
/// <param name="Actor">Who dropped it, where that is known.</param>
/// <param name="IsUpload">Whether it came with all its files at once, by HTTP or as a bundle: it does not wait for others.</param>
/// <param name="Late">The companion that came after the drop was taken; null: the model has come.</param>
public sealed record RegisterInput(string Path, string ETag, Identity Actor, bool IsUpload = false, LateFile? Late = null)
{
    /// <summary>The operation that registers it: announced again, the same blob gives the same one.</summary>
    [JsonIgnore]
    public OperationId Id => Late is { } late
        ? OperationId.ForLateFile(DropPath.Find(Path)?.Model, Path, ETag, late.Name, late.ETag)
        : OperationId.ForDrop(DropPath.Find(Path)?.Model, Path, ETag);

    /// <summary>Whether other files of its folder may still be on their way.</summary>
    [JsonIgnore]
    public bool WaitsForFiles => !IsUpload || Late is not null;
}

/// <summary>A companion that came after its drop was taken.</summary>
/// <param name="Name">Below the drop's folder.</param>
public sealed record LateFile(string Name, string ETag);

/// <param name="Operation">Its id; every effect is stored under it, so that a repetition finds it.</param>
public sealed record DropInput(string Operation, RegisterInput Drop);

/// <summary>What a drop waits for.</summary>
/// <param name="Pause">Until the next look.</param>
public sealed record LookResult(TimeSpan Pause, string Reason);

/// <param name="Again">Whether to take the files once more: some have come since.</param>
/// <param name="External">Files that the graph names and that were not there; empty before the graph was read.</param>
/// <param name="Waited">Whether it has waited for a slot: the operation that holds one may be dead.</param>
public sealed record StageInput(DropInput Drop, bool Again, IReadOnlyList<string> External, bool Waited = false);

/// <param name="Superseded">The blob is not the announced one any more: a newer announcement is under way.</param>
/// <param name="Model">The model's name, when the drop's folder is one.</param>
/// <param name="Violations">What makes the drop illegal; empty when it may go on.</param>
/// <param name="DroppedAt">When the model came, by the store's clock, to the second; null: it does not go on.</param>
/// <param name="Slot">Its place in the line; null: it is in none. Without a slot nothing is taken: ask again when it is its turn.</param>
/// <param name="Taken">See <see cref="StagedDrop.Taken"/>; null where nothing was taken.</param>
/// <param name="Waits">What it waits for, and until when; null: all files have come. Nothing is taken then, either.</param>
public sealed record StageResult(
    bool Superseded, ModelName? Model, IReadOnlyList<string> Violations, DateTimeOffset? DroppedAt = null, SlotTurn? Slot = null,
    IReadOnlyDictionary<string, string>? Taken = null, LookResult? Waits = null);

/// <param name="Violations">Everything that is wrong; empty when the drop may become a version.</param>
/// <param name="MissingFiles">External data that are not there, if nothing else is wrong with the model: they may still come.</param>
/// <param name="HasChanged">Whether files have come since the drop was staged, so that what is wrong may be right by now.</param>
public sealed record InspectResult(IReadOnlyList<string> Violations, IReadOnlyList<string> MissingFiles, bool HasChanged = false);

/// <param name="MustBeWhole">Whether to register nothing when files have come since the drop was staged.</param>
/// <param name="Queue">The model whose queue of workflows to enter before; null: it is the operation's turn already.</param>
public sealed record RegisterVersionInput(DropInput Drop, bool MustBeWhole, ModelName? Queue);

/// <summary>What became of a drop.</summary>
/// <param name="Version">0: nothing, as files have come since the drop was staged.</param>
/// <param name="Existing">The same bytes are this version already; nothing was written.</param>
/// <param name="Completed">The version got companions that came late.</param>
/// <param name="Failed">The version failed its validation with such companions.</param>
/// <param name="Waits">Nothing yet: another workflow of the model is in front.</param>
/// <param name="Refusal">Why it is no version: what was true when it was inspected is not any more.</param>
public sealed record RegisterVersionResult(
    int Version, bool Existing, VersionStatus Status, bool Completed = false, bool Failed = false, bool Waits = false,
    string? Refusal = null)
{
    /// <summary>Whether its status is still to be decided: it was never validated, or it was rejected and files have come for it.</summary>
    public bool IsOpen => Status is VersionStatus.Registered or VersionStatus.Validating || (Completed && Status == VersionStatus.Rejected);

    public static RegisterVersionResult Changed { get; } = new(0, Existing: false, VersionStatus.Registered);

    public static RegisterVersionResult Refused(string reason) => Changed with { Refusal = reason };

    public static RegisterVersionResult Behind { get; } = Changed with { Waits = true };
}

/// <summary>The end of a registration.</summary>
/// <param name="Queue">The model whose workflow queue the operation has entered; null when it has not.</param>
/// <param name="HasSlot">Whether it is in the line for slots, or has one.</param>
/// <param name="Version">The version that was refused; null when the drop did not become one.</param>
/// <param name="Reasons">Why the drop or its version is refused; empty when it is not.</param>
public sealed record FinishDropInput(
    string Operation, RegisterInput Drop, ModelName? Queue, bool HasSlot, int? Version, IReadOnlyList<string> Reasons);

/// <summary>The end of a validation that late files have started.</summary>
/// <param name="Reasons">Why the version failed; empty: it has passed.</param>
public sealed record ConcludeLateInput(VersionInput Version, IReadOnlyList<string> Reasons);

/// <param name="RollBackTo">The version that takes over; null: the champion stays.</param>
/// <param name="Explanation">What follows for the champion, in a sentence; empty where nothing does.</param>
public sealed record LateConclusion(int? RollBackTo, string Explanation);
