using Modeldrop.Names;

namespace Modeldrop.Site.Models;

/// <summary>The outcome of a drop.</summary>
public enum DropState
{
    /// <summary>Its registration is running.</summary>
    Running,

    /// <summary>It has become a version.</summary>
    Registered,

    /// <summary>The same bytes already are a version, or a newer drop replaced it.</summary>
    Skipped,

    /// <summary>It cannot become a version, or the version did not pass its validation.</summary>
    Refused,

    /// <summary>Its registration failed through no fault of the drop, or a person ended it.</summary>
    Failed,
}

/// <summary>A drop of the last days, with any outcome.</summary>
/// <param name="Operation">Its registration.</param>
/// <param name="Path">Path in the drop container.</param>
/// <param name="Words">The state in words: the step while it runs, the version when it has become one.</param>
/// <param name="Reasons">The reasons for the state; empty when all went well.</param>
public sealed record RecentDrop(
    OperationId Operation, string Path, DateTimeOffset At, DropState State, string Words, IReadOnlyList<string> Reasons);
