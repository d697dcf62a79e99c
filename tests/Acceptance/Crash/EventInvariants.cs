using System.Text.Json;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>Invariants of a model's events and head after all its operations have ended, whatever happened before.</summary>
internal static class EventInvariants
{
    /// <returns>The violated invariants, in words.</returns>
    public static IEnumerable<string> Check(ModelHead head, IReadOnlyList<RegistryEvent> events)
    {
        ModelHead replayed = ModelHead.Empty(head.Name);
        foreach (RegistryEvent happened in events)
        {
            foreach (string violation in CheckNext(replayed, happened))
            {
                yield return violation;
            }

            replayed = replayed.Apply(happened);
        }

        if (Json(replayed) != Json(head))
        {
            yield return $"The head is not the sum of its events: {Json(head)} instead of {Json(replayed)}.";
        }

        // If an operation wrote an event twice, it did the work twice.
        foreach (IGrouping<string, RegistryEvent> twice in events.GroupBy(
                happened => Json(happened with { Sequence = 0, At = default })).Where(same => same.Count() > 1))
        {
            yield return $"{twice.Count()} times the same: {twice.Key}.";
        }

        int[] champions = [.. head.Versions.Where(version => version.Status == VersionStatus.Champion).Select(version => version.Number)];
        int[] alias = head.Aliases.TryGetValue(AliasName.Champion.Value, out AliasEntry? entry) ? [entry.Version] : [];
        if (!champions.SequenceEqual(alias))
        {
            yield return $"Champion by status: {string.Join(',', champions)}; by alias: {string.Join(',', alias)}.";
        }

        if (head.Split is not null)
        {
            yield return $"{head.Split.Percent} % of the traffic still goes to version {head.Split.Version}.";
        }
    }

    private static IEnumerable<string> CheckNext(ModelHead before, RegistryEvent next)
    {
        if (next.Sequence != before.Sequence + 1 || next.At < before.UpdatedAt)
        {
            yield return $"Event {next.Sequence} of {next.At:O} follows event {before.Sequence} of {before.UpdatedAt:O}.";
        }

        if (next.Actor.Operation is null)
        {
            yield return $"Event {next.Sequence} ({next.GetType().Name}) names no operation.";
        }

        bool fits = next switch
        {
            VersionRegistered registered => registered.Version == before.Versions.Length + 1,
            VersionStatusChanged changed => before.FindVersion(changed.Version)?.Status == changed.From
                && VersionTransitions.IsLegal(changed.From, changed.To),
            AliasMoved moved => before.Aliases.GetValueOrDefault(moved.Alias)?.Version == moved.From,
            _ => true,
        };
        if (!fits)
        {
            yield return $"Event {next.Sequence} does not fit to what was before it: {Json(next)}.";
        }
    }

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, StoredJson.Options);
}
