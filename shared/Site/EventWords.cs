using System.Globalization;
using Modeldrop.Registry;

namespace Modeldrop.Site;

/// <summary>Describes an event in a sentence.</summary>
public static class EventWords
{
    public static string Describe(RegistryEvent registryEvent) => registryEvent switch
    {
        VersionRegistered e => $"version {Number(e.Version)} registered",
        VersionStatusChanged { Reasons: { Count: > 0 } reasons } e =>
            $"version {Number(e.Version)} is {Words(e.To)}: {string.Join(" ", reasons)}",
        VersionStatusChanged e => $"version {Number(e.Version)} is {Words(e.To)}",
        VersionCompleted e => $"files of version {Number(e.Version)} came late: {string.Join(", ", e.Files)}",
        VersionRevalidated { Reasons.Count: 0 } e => $"version {Number(e.Version)} passed its validation with the late files",
        VersionRevalidated e => $"version {Number(e.Version)} failed its validation with the late files: {string.Join(" ", e.Reasons)}",
        AliasMoved { From: { } from } e => $"{e.Alias} moved from version {Number(from)} to {Number(e.To)}",
        AliasMoved e => $"{e.Alias} points to version {Number(e.To)}",
        AliasDeleted e => $"{e.Alias} deleted; it pointed to version {Number(e.From)}",
        TrafficShifted { Percent: 0 } e => $"traffic no longer goes to version {Number(e.Version)}",
        TrafficShifted e => $"{Number(e.Percent)} % of the traffic goes to version {Number(e.Version)}",
        VersionProven { BatchInvariant: true } e => $"version {Number(e.Version)} answers the same in batches",
        VersionProven e => $"version {Number(e.Version)} answers differently in batches",
        ShadowSet { Percent: 0 } e => $"version {Number(e.Version)} is no longer a shadow",
        ShadowSet e => $"version {Number(e.Version)} answers {Number(e.Percent)} % of the logged requests as a shadow",
        DropRejected e => $"drop {e.Path} rejected: {string.Join(" ", e.Reasons)}",
        ModelDescribed => "description or tags changed",
        ModelArchived { Archived: true } => "archived",
        ModelArchived => "restored from the archive",
        _ => registryEvent.GetType().Name,
    };

    public static string Words(VersionStatus status) =>
        status == VersionStatus.RollingOut ? "rolling out" : status.ToString().ToLowerInvariant();

    private static string Number(int version) => version.ToString(CultureInfo.InvariantCulture);
}
