namespace Modeldrop.Site.Models;

/// <summary>What became of a drop.</summary>
public enum DropState
{
    /// <summary>Its registration is under way.</summary>
    Running,

    /// <summary>It is a version.</summary>
    Registered,

    /// <summary>The same bytes are a version already, or a newer drop took its place.</summary>
    Skipped,

    /// <summary>It cannot become a version, or the version did not pass its validation.</summary>
    Refused,

    /// <summary>Its registration failed on our side, or somebody ended it.</summary>
    Failed,
}

/// <summary>A drop of the last days, whatever became of it.</summary>
/// <param name="Model">Null: its folder is not a model name.</param>
/// <param name="Path">In the drop container.</param>
/// <param name="Words">The state in words: the step while it runs, the version when it is one.</param>
/// <param name="Reasons">Why; empty when all went well.</param>
/// <param name="Operation">The id of its registration.</param>
public sealed record RecentDrop(
    string? Model, string Path, DateTimeOffset At, DropState State, string Words, IReadOnlyList<string> Reasons, string Operation);
