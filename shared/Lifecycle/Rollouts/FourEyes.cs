using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Decides who may approve a version whose manifest requires four eyes. Pure.</summary>
public static class FourEyes
{
    /// <param name="involved">Those who have dropped or promoted the version.</param>
    /// <returns>The reason against it; null: the person may approve.</returns>
    public static string? Refuse(Identity approver, IReadOnlyList<Identity> involved) =>
        approver.Kind is null or Identity.LocalKind
            ? "The manifest requires four eyes, but without keys the app cannot tell people apart: create keys first."
            : involved.FirstOrDefault(one => one.IsSameAs(approver)) is { } same
            ? $"The manifest requires four eyes: '{same.Name}' has dropped or promoted this version, so somebody else must approve it."
            : null;
}
