using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Events;

/// <summary>The CloudEvents <c>type</c> of each event; <c>docs/operations.md</c> lists them.</summary>
public static class EventType
{
    /// <summary>All types.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        .. ((string[])
        [
            "version.registered", "version.validating", "version.validated", "version.rejected", "version.rollingOut",
            "version.rolloutEnded", "version.champion", "version.retired", "version.deleted", "version.completed", "version.revalidated",
            "version.proven", "model.promoted", "model.rolledBack", "model.described", "model.archived", "model.restored",
            "alias.moved", "alias.deleted", "traffic.shifted", "shadow.set", "drop.rejected",
        ]).Select(Full),
    ];

    /// <param name="registryEvent">A new kind of event needs a type here and a row in the document.</param>
    public static string Of(RegistryEvent registryEvent) => Full(registryEvent switch
    {
        VersionRegistered => "version.registered",
        VersionStatusChanged { From: VersionStatus.RollingOut, To: VersionStatus.Validated } => "version.rolloutEnded",
        VersionStatusChanged { To: VersionStatus.Registered } => "version.registered",
        VersionStatusChanged { To: VersionStatus.Validating } => "version.validating",
        VersionStatusChanged { To: VersionStatus.Validated } => "version.validated",
        VersionStatusChanged { To: VersionStatus.Rejected } => "version.rejected",
        VersionStatusChanged { To: VersionStatus.RollingOut } => "version.rollingOut",
        VersionStatusChanged { To: VersionStatus.Champion } => "version.champion",
        VersionStatusChanged { To: VersionStatus.Retired } => "version.retired",
        VersionStatusChanged { To: VersionStatus.Deleted } => "version.deleted",
        VersionCompleted => "version.completed",
        VersionRevalidated => "version.revalidated",
        VersionProven => "version.proven",
        AliasMoved { RolledBack: true } => "model.rolledBack",
        AliasMoved moved => moved.Alias == AliasName.Champion.Value ? "model.promoted" : "alias.moved",
        AliasDeleted => "alias.deleted",
        TrafficShifted => "traffic.shifted",
        ShadowSet => "shadow.set",
        DropRejected => "drop.rejected",
        ModelDescribed => "model.described",
        ModelArchived archived => archived.Archived ? "model.archived" : "model.restored",
        _ => throw new ArgumentException($"{registryEvent.GetType().Name} has no type.", nameof(registryEvent)),
    });

    /// <summary>Why the text is not a type; null: it is one.</summary>
    public static string? FindViolation(string text) => All.Contains(text, StringComparer.Ordinal)
        ? null
        : $"There is no event type '{text}'{(Suggestion.Find(text, All) is { } near ? $" (do you mean '{near}'?)" : "")}. "
            + $"The types are {string.Join(", ", All)}.";

    private static string Full(string what) => $"io.modeldrop.{what}.v1";
}
