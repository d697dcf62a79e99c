using Modeldrop.Errors;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Artifacts;

/// <summary>
/// Reads and writes artifacts by path. Checks that the caller may see the run, logged model or version that they belong to.
/// </summary>
public sealed class ArtifactService(ArtifactStore store, VersionArtifacts versions, RunService runs, LoggedModelService models)
{
    /// <summary>Stores a file of a run or a logged model.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/>: files of a version never change; <see cref="ErrorCode.RunNotFound"/>;
    /// <see cref="ErrorCode.Forbidden"/>; <see cref="ErrorCode.PayloadTooLarge"/>.
    /// </exception>
    public async Task WriteAsync(ArtifactPath path, Stream content, TrackingUser by, CancellationToken cancellationToken)
    {
        CheckChanges(path);
        if (path.Inside.Length == 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"'{path}' is a folder; give the path of a file.");
        }

        await CheckAsync(path, by, cancellationToken);
        await store.WriteAsync(path, content, cancellationToken);
    }

    /// <exception cref="ServiceException">As <see cref="WriteAsync"/>.</exception>
    public async Task DeleteAsync(ArtifactPath path, TrackingUser by, CancellationToken cancellationToken)
    {
        CheckChanges(path);
        await CheckAsync(path, by, cancellationToken);
        await store.DeleteAsync(path, cancellationToken);
    }

    /// <summary>The direct children of a folder; empty for a file. The caller's right to see a version is checked before.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.RunNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.Forbidden"/>.
    /// </exception>
    public async Task<IReadOnlyList<ArtifactFile>> ListAsync(ArtifactPath folder, TrackingUser by, CancellationToken cancellationToken)
    {
        if (folder.Version is not null)
        {
            return await versions.ListAsync(folder, cancellationToken);
        }

        await CheckAsync(folder, by, cancellationToken);
        return await store.ListAsync(folder, cancellationToken);
    }

    /// <summary>Opens a file for sequential reading.</summary>
    /// <exception cref="ServiceException">As <see cref="ListAsync"/>; <see cref="ErrorCode.FileNotFound"/>.</exception>
    public async Task<Stream> OpenAsync(ArtifactPath path, TrackingUser by, CancellationToken cancellationToken)
    {
        if (path.Version is not null)
        {
            return await versions.OpenAsync(path, cancellationToken);
        }

        await CheckAsync(path, by, cancellationToken);
        return await store.OpenAsync(path, cancellationToken);
    }

    private static void CheckChanges(ArtifactPath path)
    {
        if (path.Version is { } version)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"The files of {version} cannot be changed; register another version.");
        }
    }

    /// <summary>Checks that the run or the logged model exists, is in that experiment, and is visible to the caller.</summary>
    private async Task CheckAsync(ArtifactPath path, TrackingUser by, CancellationToken cancellationToken)
    {
        string experiment = path.LoggedModel is { } model
            ? (await models.GetAsync(model, by, cancellationToken)).ExperimentId
            : (await runs.GetAsync(path.Run!, by, cancellationToken)).ExperimentId;
        if (experiment != path.Experiment)
        {
            throw new ServiceException(ErrorCode.RunNotFound, $"There is no folder '{path.Root}'.");
        }
    }
}
