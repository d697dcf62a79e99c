namespace Modeldrop.Registry;

/// <summary>The legal moves of <see cref="VersionStatus"/>, all of them, in one table.</summary>
/// <remarks>
/// It stands in this room and not in Lifecycle because <see cref="RegistryService"/> enforces it and the registry calls no other room.
/// Staying is not a move: a repeated activity asks for the present status and changes nothing.
/// </remarks>
public static class VersionTransitions
{
    private static readonly HashSet<(VersionStatus From, VersionStatus To)> Legal =
    [
        (VersionStatus.Registered, VersionStatus.Validating),
        (VersionStatus.Registered, VersionStatus.Rejected),
        (VersionStatus.Validating, VersionStatus.Validated),
        (VersionStatus.Validating, VersionStatus.Rejected),

        // At once: a model's first valid version, or a policy without steps.
        (VersionStatus.Validated, VersionStatus.Champion),
        (VersionStatus.Validated, VersionStatus.RollingOut),

        // Superseded before it ever served; clean-up by policy takes it from there.
        (VersionStatus.Validated, VersionStatus.Retired),

        (VersionStatus.RollingOut, VersionStatus.Champion),

        // Cancelled, or rolled back by its gate: as good as before, and free to be promoted again.
        (VersionStatus.RollingOut, VersionStatus.Validated),

        (VersionStatus.Champion, VersionStatus.Retired),

        // Back at once by a roll back, or by steps as any other version.
        (VersionStatus.Retired, VersionStatus.Champion),
        (VersionStatus.Retired, VersionStatus.RollingOut),

        // Companions came that the drop was refused for.
        (VersionStatus.Rejected, VersionStatus.Validating),

        // By retention, when nothing refers to them any more.
        (VersionStatus.Retired, VersionStatus.Deleted),
        (VersionStatus.Rejected, VersionStatus.Deleted),
    ];

    public static bool IsLegal(VersionStatus from, VersionStatus to) => Legal.Contains((from, to));

    /// <summary>Where a version of this status may go; empty at the end of the road.</summary>
    public static IReadOnlyList<VersionStatus> From(VersionStatus from) =>
        [.. Enum.GetValues<VersionStatus>().Where(to => IsLegal(from, to))];
}
