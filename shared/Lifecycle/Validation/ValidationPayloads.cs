using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;

namespace Modeldrop.Lifecycle.Validation;

// Running instances store the payloads of orchestrations and activities.

/// <param name="Reasons">Why the version is refused; empty when it is accepted.</param>
/// <param name="Next">The operations to wake, which have a slot now.</param>
public sealed record ValidationResult(IReadOnlyList<string> Reasons, IReadOnlyList<OperationId> Next);

/// <summary>The result of a validation's checks.</summary>
/// <param name="Reasons">Why the version is refused; empty if it has passed.</param>
/// <param name="Unprofiled">Why the version gets no new profile of its reference data; empty if it has one or needs none.</param>
/// <param name="Replay">The logged records to compare it with next; null if it is refused, or if there is no champion.</param>
public sealed record ValidationChecks(IReadOnlyList<string> Reasons, IReadOnlyList<string> Unprofiled, ReplayPlan? Replay);

/// <summary>The logged records with which a version is compared.</summary>
/// <param name="Champion">The version that made the records.</param>
/// <param name="Blocks">Number of parts, each replayed separately.</param>
public sealed record ReplayPlan(int Champion, int Blocks, long Records);

/// <param name="Block">Counted from 0.</param>
public sealed record ReplayBlockInput(VersionInput Version, int Block);

public sealed record EndValidationInput(VersionInput Version, ValidationChecks Checks);
