using Modeldrop.Registry;

namespace Modeldrop.Lifecycle;

// Payloads of orchestrations and activities are stored by running instances: they are changed by a V2 beside them, never in place.

/// <summary>A drop that asks to become a version.</summary>
/// <param name="Path">Of the <c>.onnx</c> blob in the drop container.</param>
/// <param name="ETag">Of that blob, as it was announced.</param>
/// <param name="Actor">Who dropped it, where that is known.</param>
public sealed record RegisterInput(string Path, string ETag, string Actor);

/// <param name="Operation">Its id; every effect is stored under it, so that a repetition finds it.</param>
public sealed record DropInput(string Operation, RegisterInput Drop);

/// <param name="Superseded">The blob is not the announced one any more: a newer announcement is under way.</param>
/// <param name="Model">The model's name, when the drop's folder is one.</param>
/// <param name="Violations">What makes the drop illegal; empty when it may go on.</param>
public sealed record StageResult(bool Superseded, string? Model, IReadOnlyList<string> Violations);

/// <param name="Existing">The same bytes are this version already; nothing was written.</param>
public sealed record RegisterVersionResult(int Version, bool Existing, VersionStatus Status);

public sealed record VersionInput(string Operation, string Model, int Version, string Actor);

/// <param name="Reasons">Why the version is refused; empty when it is accepted.</param>
public sealed record ValidationResult(IReadOnlyList<string> Reasons);

/// <summary>What of the log a version is held against.</summary>
/// <param name="Champion">The version that made the records; null: there is no champion to be held against.</param>
/// <param name="Blocks">Parts that are replayed each by itself.</param>
public sealed record ReplayPlan(int? Champion, int Blocks, long Records);

/// <param name="Block">Counted from 0.</param>
public sealed record ReplayBlockInput(VersionInput Version, int Block);

/// <param name="Version">The version that was refused; null when the drop did not become one.</param>
public sealed record RejectInput(string Operation, RegisterInput Drop, int? Version, IReadOnlyList<string> Reasons);

/// <summary>A place in the queue of workflows for one model.</summary>
public sealed record WorkflowInput(string Model, string Operation);

/// <param name="Promote">Whether the policy moves the champion to the version now.</param>
/// <param name="Explanation">In words for people.</param>
public sealed record PromotionDecision(bool Promote, string Explanation);

public sealed record PromoteInput(string Model, int Version, string Actor, string? Reason);

/// <param name="To">A version; null: what was champion before.</param>
public sealed record RollBackInput(string Model, int? To, string Actor, string? Reason);

/// <param name="From">The champion before; null when there was none.</param>
/// <param name="Moved">False when the alias pointed there already.</param>
public sealed record MoveResult(int? From, int To, bool Moved);

public sealed record EndValidationInput(VersionInput Version, ValidationResult Result);

public sealed record PromoteVersionInput(string Operation, PromoteInput Promote);

public sealed record RollBackVersionInput(string Operation, RollBackInput RollBack);

/// <param name="Percent">Of the logged requests, 0 to 100; 0 ends the shadow.</param>
/// <param name="From">The first request that it answers; null: of now.</param>
public sealed record ShadowInput(string Model, int Version, int Percent, DateTimeOffset? From, string Actor, string? Reason);

public sealed record SetShadowInput(string Operation, ShadowInput Shadow);
