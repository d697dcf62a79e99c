using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Calls;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Functions.Tracking;

/// <summary>
/// Artifacts as whole files: MLflow's client uploads them to runs and logged models, and downloads them from these and from versions.
/// </summary>
public sealed class ArtifactFunctions(ArtifactService artifacts, TrackingAccess access)
{
    private const string Route = "api/2.0/mlflow-artifacts/";

    /// <summary>With exactly this text the client falls back to one upload of the whole file.</summary>
    private const string NoMultipart = "Multipart upload is not supported for the current artifact repository";

    [Function(nameof(UploadArtifact))]
    [Takes(null, ContentType = "application/octet-stream")]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> UploadArtifact(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = Route + "artifacts/{*path}")] HttpRequest request,
        string path,
        CancellationToken cancellationToken)
    {
        RequestBody.CheckEncoding(request);
        if (request.ContentLength > ArtifactStore.MaxFileBytes)
        {
            throw new ServiceException(ErrorCode.PayloadTooLarge,
                $"The file has {request.ContentLength.Value.ToString("N0", CultureInfo.InvariantCulture)} bytes; at most "
                + $"{ArtifactStore.MaxFileBytes:N0} are accepted.");
        }

        // Other routes accept less. The Functions host applies its own limit before this one.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = ArtifactStore.MaxFileBytes;
        }

        await artifacts.WriteAsync(PathOf(path), request.Body, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    [Function(nameof(DownloadArtifact))]
    [Answers(null, ContentType = "application/octet-stream")]
    public async Task<IResult> DownloadArtifact(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "artifacts/{*path}")] HttpRequest request,
        string path,
        CancellationToken cancellationToken)
    {
        ArtifactPath artifact = PathOf(path);
        access.Check(request, artifact);
        Stream content = await artifacts.OpenAsync(artifact, TrackingAccess.UserOf(request), cancellationToken);
        return Results.Stream(content, "application/octet-stream", artifact.Inside.Split('/')[^1]);
    }

    /// <summary>The direct children of a folder, by name.</summary>
    [Function(nameof(ListArtifacts))]
    [Takes(typeof(ListArtifactsCall))]
    [Answers(typeof(ArtifactFiles))]
    public async Task<IResult> ListArtifacts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "artifacts")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (CallFields.ReadQuery<ListArtifactsCall>(request).Path is not { } path)
        {
            // Nobody owns the root, so its listing is empty.
            return TrackingAnswer.Json(new ArtifactFiles([]));
        }

        var folder = ArtifactPath.Parse(path);
        access.Check(request, folder);
        IReadOnlyList<ArtifactFile> files = await artifacts.ListAsync(folder, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Json(
            new ArtifactFiles([.. files.Select(file => new FileInfoAnswer(file.Name, file.IsFolder, file.Bytes))]));
    }

    [Function(nameof(DeleteArtifact))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteArtifact(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route + "artifacts/{*path}")] HttpRequest request,
        string path,
        CancellationToken cancellationToken)
    {
        await artifacts.DeleteAsync(PathOf(path), TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    /// <summary>Not supported: files go through the app, which checks the caller.</summary>
    [Function(nameof(RefuseMultipartUpload))]
    [Answers(null, StatusCodes.Status501NotImplemented)]
    public IResult RefuseMultipartUpload(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "mpu/{step}/{*path}")] HttpRequest request,
        string step,
        string path) =>
        throw new ServiceException(ErrorCode.NotOffered, NoMultipart);

    /// <summary>Not supported: see above.</summary>
    [Function(nameof(RefusePresignedDownload))]
    [Answers(null, StatusCodes.Status501NotImplemented)]
    public IResult RefusePresignedDownload(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "presigned/{*path}")] HttpRequest request, string path) =>
        throw new ServiceException(ErrorCode.NotOffered, "Presigned downloads are not supported; download the artifact itself.");

    private static ArtifactPath PathOf(string path) => ArtifactPath.Parse(path.TrimStart('/'));
}
