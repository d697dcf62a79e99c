using Modeldrop.Lifecycle.Operations;

namespace Modeldrop.Lifecycle.Validation;

// Payloads of orchestrations and activities: running instances store them.

/// <param name="Reasons">Why the version is refused; empty when it is accepted.</param>
/// <param name="Next">The operations that have a slot now, to be woken.</param>
public sealed record ValidationResult(IReadOnlyList<string> Reasons, IReadOnlyList<string> Next);

/// <summary>What the checks of a validation have found.</summary>
/// <param name="Reasons">Why the version is refused; empty when it has passed them.</param>
/// <param name="Unprofiled">Why the version goes without a new profile of its reference data; empty when it has one or needs none.</param>
/// <param name="Replay">The logged records that it is compared with next; null if it is refused, or if there is no champion.</param>
public sealed record ValidationChecks(IReadOnlyList<string> Reasons, IReadOnlyList<string> Unprofiled, ReplayPlan? Replay);

/// <summary>The logged records that a version is compared with.</summary>
/// <param name="Champion">The version that made the records.</param>
/// <param name="Blocks">Parts that are replayed each by itself.</param>
public sealed record ReplayPlan(int Champion, int Blocks, long Records);

/// <param name="Block">Counted from 0.</param>
public sealed record ReplayBlockInput(VersionInput Version, int Block);

public sealed record EndValidationInput(VersionInput Version, ValidationChecks Checks);
