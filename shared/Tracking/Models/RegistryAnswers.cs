namespace Modeldrop.Tracking.Models;

// Answers of the registry protocol, in the words of MLflow. Times are milliseconds since 1970.

/// <summary>A key and its value.</summary>
public sealed record KeyValue(string Key, string Value)
{
    public static IReadOnlyList<KeyValue> ListOf(IEnumerable<KeyValuePair<string, string>> pairs) =>
        [.. pairs.Select(pair => new KeyValue(pair.Key, pair.Value))];
}

/// <param name="Version">The version's number, as a string.</param>
public sealed record RegisteredAlias(string Alias, string Version);

/// <summary>A model.</summary>
public sealed record RegisteredModelAnswer(
    string Name,
    long CreationTimestamp,
    long LastUpdatedTimestamp,
    string Description,
    IReadOnlyList<ModelVersionAnswer> LatestVersions,
    IReadOnlyList<KeyValue> Tags,
    IReadOnlyList<RegisteredAlias> Aliases);

/// <summary>A version of a model.</summary>
/// <param name="CurrentStage">Always <c>None</c>: aliases replace stages.</param>
/// <param name="Status">
/// <c>PENDING_REGISTRATION</c> until the validation has decided, then <c>READY</c> or <c>FAILED_REGISTRATION</c>.
/// </param>
/// <param name="StatusMessage">Why the version failed.</param>
public sealed record ModelVersionAnswer(
    string Name,
    string Version,
    long CreationTimestamp,
    long LastUpdatedTimestamp,
    string? UserId,
    string CurrentStage,
    string Description,
    string Source,
    string? RunId,
    string Status,
    string? StatusMessage,
    IReadOnlyList<KeyValue> Tags,
    string? RunLink,
    IReadOnlyList<string> Aliases,
    string? ModelId);

/// <summary>A file or a folder among artifacts.</summary>
public sealed record FileInfoAnswer(string Path, bool IsDir, long? FileSize);
