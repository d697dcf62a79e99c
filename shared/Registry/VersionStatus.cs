namespace Modeldrop.Registry;

/// <summary>The status of a version; the legal moves are in <see cref="VersionTransitions"/>.</summary>
public enum VersionStatus
{
    Registered,
    Validating,
    Validated,
    Rejected,
    RollingOut,
    Champion,
    Retired,

    /// <summary>Its files were deleted by retention; its record and report are kept.</summary>
    Deleted,
}

public static class VersionStatuses
{
    /// <summary>Whether a version with this status may get requests and aliases.</summary>
    public static bool MayServe(this VersionStatus status) =>
        status is VersionStatus.Validated or VersionStatus.RollingOut or VersionStatus.Champion or VersionStatus.Retired;
}
