using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Decides who may approve a version whose manifest asks for four eyes. Pure.</summary>
public static class FourEyes
{
    /// <param name="involved">Who has dropped the version, and who has promoted it.</param>
    /// <returns>Why not; null: may approve.</returns>
    public static string? Refuse(Identity approver, IReadOnlyList<Identity> involved) =>
        approver.Kind is null or Identity.LocalKind
            ? "The manifest asks for four eyes, and without keys nobody is told apart: make keys first."
            : involved.FirstOrDefault(one => one.IsSameAs(approver)) is { } same
            ? $"The manifest asks for four eyes: '{same.Name}' has dropped or promoted this version, so somebody else must approve it."
            : null;
}
