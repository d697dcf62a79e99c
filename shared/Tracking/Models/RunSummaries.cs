using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Tracking.Models;

/// <summary>Reads <see cref="RunSummary"/> of versions.</summary>
public sealed class RunSummaries(VersionStore versions)
{
    /// <summary>Larger files are not shown.</summary>
    private const int MaxBytes = 1 << 20;

    /// <summary>Null: there is none. A file of this name in a drop may be something else: then the result is null too.</summary>
    public async Task<RunSummary?> FindAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        if (version.FindFile(RunSummary.FileName) is not { Bytes: <= MaxBytes } file)
        {
            return null;
        }

        try
        {
            await using Stream content = await versions.ReadAsync(version.Name, file.StoredAt ?? file.Path, cancellationToken);
            RunSummary? read = await JsonSerializer.DeserializeAsync<RunSummary>(content, StoredJson.Options, cancellationToken);
            return read is { RunId: null, LoggedModel: null } or { Params: null } or { Metrics: null } or { Tags: null } ? null : read;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (ServiceException exception) when (exception.Code == ErrorCode.FileNotFound)
        {
            return null;
        }
    }
}
