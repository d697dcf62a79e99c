namespace Modeldrop.Registry;

/// <summary>The legal moves of <see cref="VersionStatus"/>, all of them, in one table.</summary>
/// <remarks>
/// The table is in this room and not in Lifecycle, because <see cref="RegistryService"/> enforces it and the registry does not use
/// Lifecycle. Staying is not a move: a repeated activity requests the present status and changes nothing.
/// </remarks>
public static class VersionTransitions
{
    private static readonly HashSet<(VersionStatus From, VersionStatus To)> Legal =
    [
        (VersionStatus.Registered, VersionStatus.Validating),
        (VersionStatus.Registered, VersionStatus.Rejected),
        (VersionStatus.Validating, VersionStatus.Validated),
        (VersionStatus.Validating, VersionStatus.Rejected),

        // Directly: a model's first valid version, or a policy without steps.
        (VersionStatus.Validated, VersionStatus.Champion),
        (VersionStatus.Validated, VersionStatus.RollingOut),

        // Superseded before it ever served; retention deletes it later.
        (VersionStatus.Validated, VersionStatus.Retired),

        (VersionStatus.RollingOut, VersionStatus.Champion),

        // Cancelled, or rolled back by its gate: unchanged, and may be promoted again.
        (VersionStatus.RollingOut, VersionStatus.Validated),

        (VersionStatus.Champion, VersionStatus.Retired),

        // Directly by a roll back, or by steps like any other version.
        (VersionStatus.Retired, VersionStatus.Champion),
        (VersionStatus.Retired, VersionStatus.RollingOut),

        // The missing companions of a refused drop have arrived.
        (VersionStatus.Rejected, VersionStatus.Validating),

        // By retention, when nothing refers to it any longer.
        (VersionStatus.Retired, VersionStatus.Deleted),
        (VersionStatus.Rejected, VersionStatus.Deleted),
    ];

    public static bool IsLegal(VersionStatus from, VersionStatus to) => Legal.Contains((from, to));
}
