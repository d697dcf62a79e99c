using System.Globalization;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Models;

/// <summary>The source of a version's files.</summary>
/// <param name="Logged">Null: the files do not belong to a logged model.</param>
/// <param name="Run">Null: no run is known.</param>
public sealed record VersionSource(ArtifactPath Folder, LoggedModel? Logged, Run? Run);

/// <summary>
/// Finds the artifacts that a <c>source</c> refers to. Accepts this server's artifacts only: it opens no local path and fetches no address.
/// </summary>
public sealed class SourceReader(RunService runs, LoggedModelService models)
{
    private const string ArtifactsRoute = "/api/2.0/mlflow-artifacts/artifacts/";

    /// <param name="run">The run in the call; null: none.</param>
    /// <param name="host">The host name that the caller used for this server.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/>; <see cref="ErrorCode.RunNotFound"/>; <see cref="ErrorCode.Forbidden"/>.
    /// </exception>
    public async Task<VersionSource> ReadAsync(
        string source, string? run, HostString host, TrackingUser by, CancellationToken cancellationToken)
    {
        if (source.StartsWith("models:/", StringComparison.Ordinal))
        {
            string name = source["models:/".Length..].TrimStart('/');
            return TrackingIds.IsLoggedModel(name) ? await OfLoggedAsync(name, by, cancellationToken)
                : name.Split('/') is [var of, var number] && ModelName.Find(of) is { } registered
                    && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int version)
                ? await WithRunAsync(ArtifactPath.OfVersion(new VersionName(registered, version)), run, by, cancellationToken)
                : throw Wrong(source);
        }

        if (source.StartsWith("runs:/", StringComparison.Ordinal))
        {
            string[] parts = source["runs:/".Length..].TrimStart('/').Split('/', 2);
            Run of = await runs.GetAsync(parts[0], by, cancellationToken);
            return new VersionSource(ArtifactPath.OfRun(of.ExperimentId, of.Id).At(parts.ElementAtOrDefault(1)), null, of);
        }

        ArtifactPath path = ArtifactPath.Parse(PathOf(source, host));
        return path.LoggedModel is { } logged && path.Inside.Length == 0 ? await OfLoggedAsync(logged, by, cancellationToken)
            : await WithRunAsync(path, path.Run ?? run, by, cancellationToken);
    }

    private async Task<VersionSource> OfLoggedAsync(string id, TrackingUser by, CancellationToken cancellationToken)
    {
        LoggedModel logged = await models.GetAsync(id, by, cancellationToken);
        Run? run = logged.SourceRunId is { } made ? await runs.FindAsync(made, cancellationToken) : null;
        return new VersionSource(ArtifactPath.OfLoggedModel(logged.ExperimentId, logged.Id), logged, run);
    }

    private async Task<VersionSource> WithRunAsync(
        ArtifactPath path, string? run, TrackingUser by, CancellationToken cancellationToken) =>
        new(path, null, run is null ? null : await runs.GetAsync(run, by, cancellationToken));

    private static string PathOf(string source, HostString host)
    {
        if (!Uri.TryCreate(source, UriKind.Absolute, out Uri? uri) || source.Contains('\0', StringComparison.Ordinal))
        {
            throw Wrong(source);
        }

        // Taken from the text and not from the parsed address, which has ".." already resolved.
        string rest = source[(source.IndexOf(':', StringComparison.Ordinal) + 1)..];
        bool hasHost = rest.StartsWith("//", StringComparison.Ordinal) && !rest.StartsWith("///", StringComparison.Ordinal);
        if (hasHost && !$"{uri.Host}:{uri.Port}".Equals($"{host.Host}:{host.Port ?? uri.Port}", StringComparison.OrdinalIgnoreCase))
        {
            throw Wrong(source);
        }

        string path = hasHost ? rest[2..] is var after && after.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0
            ? after[slash..] : "" : rest;
        int route = path.IndexOf(ArtifactsRoute, StringComparison.Ordinal);
        return uri.Scheme switch
        {
            "mlflow-artifacts" when route < 0 => Uri.UnescapeDataString(path).Trim('/'),
            "mlflow-artifacts" or "http" or "https" when route >= 0 && (hasHost || uri.Scheme == "mlflow-artifacts") =>
                Uri.UnescapeDataString(path[(route + ArtifactsRoute.Length)..]).Trim('/'),
            _ => throw Wrong(source),
        };
    }

    private static ServiceException Wrong(string source) => new(ErrorCode.InvalidRequest,
        $"Invalid model version source: '{ErrorText.Shortened(source, 200)}'. It must be a logged model (models:/m-…), a version "
        + "(models:/<name>/<version>) or an artifact of this server (mlflow-artifacts:/…): the server opens no local files and "
        + "fetches no addresses.");
}
