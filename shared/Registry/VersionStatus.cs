namespace Modeldrop.Registry;

/// <summary>Where a version is in its life; the legal moves are in <see cref="VersionTransitions"/>.</summary>
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
    /// <summary>Whether a version of this status may get requests and aliases.</summary>
    public static bool MayServe(this VersionStatus status) =>
        status is VersionStatus.Validated or VersionStatus.RollingOut or VersionStatus.Champion or VersionStatus.Retired;
}
