using Microsoft.AspNetCore.Http;
using Modeldrop.Site;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Registry;

/// <summary>The versions of a model and their files.</summary>
public sealed class VersionFunctions(
    RegistryService registry, VersionStore versions, VersionFinder finder, DropUpload upload)
{
    private sealed record VersionList(ModelName Model, IReadOnlyList<VersionEntry> Versions);

    private sealed record VersionDetails(VersionStatus Status, bool Failed, IReadOnlyList<string> Aliases, ModelVersion Version);

    [Function(nameof(ListVersions))]
    [Answers(typeof(VersionList))]
    public async Task<IResult> ListVersions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/versions")] HttpRequest request, string model,
        CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(ModelName.Parse(model), cancellationToken);
        return Answer.Json(new VersionList(head.Name, head.Versions));
    }

    [Function(nameof(GetVersion))]
    [Answers(typeof(VersionDetails))]
    public async Task<IResult> GetVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/versions/{version}")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken)
    {
        (ModelHead head, VersionEntry entry) = await finder.FindEntryAsync(model, version, cancellationToken);
        ModelVersion record = await versions.GetAsync(ModelName.Parse(model), entry, cancellationToken);
        string[] aliases = [.. head.Aliases.Where(alias => alias.Value.Version == entry.Number).Select(alias => alias.Key)];
        return Answer.Json(new VersionDetails(entry.Status, entry.Failed, aliases, record));
    }

    [Function(nameof(GetVersionFile))]
    [Answers(null, ContentType = "application/octet-stream")]
    public async Task<IResult> GetVersionFile(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head",
        Route = "api/models/{model}/versions/{version}/files/{*path}")] HttpRequest request,
        string model,
        string version,
        string? path,
        CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(path))
        {
            throw new ServiceException(ErrorCode.InvalidRequest, "The path of a file is missing, as in …/files/model.onnx.");
        }

        (_, VersionEntry entry) = await finder.FindEntryAsync(model, version, cancellationToken);
        Stream file = await versions.OpenAsync(new VersionName(ModelName.Parse(model), entry.Number), path, cancellationToken);
        return Results.Stream(file, "application/octet-stream", Path.GetFileName(path));
    }

    /// <summary>Returns the validation report: JSON, or a page with <c>?format=html</c>.</summary>
    [Function(nameof(GetReport))]
    [Answers(typeof(ValidationReport))]
    [Answers(null, ContentType = "text/html")]
    public async Task<IResult> GetReport(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head",
            Route = "api/models/{model}/versions/{version}/report")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken)
    {
        (_, VersionEntry entry) = await finder.FindEntryAsync(model, version, cancellationToken);
        (string document, string contentType) = ReportFormat.IsPage(request)
            ? (VersionDocuments.ReportPage, "text/html; charset=utf-8")
            : (VersionDocuments.Report, "application/json");
        byte[] report = await versions.FindDocumentAsync(new VersionName(ModelName.Parse(model), entry.Number), document, cancellationToken)
            ?? throw new ServiceException(
                ErrorCode.FileNotFound,
                $"Version {entry.Number} of '{model}' has no validation report yet; it is {EventWords.Words(entry.Status)}.");
        return Results.Bytes(report, contentType);
    }

    /// <summary>
    /// Registers a version without access to the drop container: the body is the <c>.onnx</c>, or a form with it and its companions.
    /// </summary>
    [Function(nameof(UploadVersion))]
    [Takes(null, ContentType = "application/octet-stream")]
    [Takes(null, ContentType = "multipart/form-data")]
    [Answers(typeof(StartedOperation), StatusCodes.Status202Accepted)]
    public async Task<IResult> UploadVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models/{model}/versions")] HttpRequest request,
        string model,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        RequestBody.CheckEncoding(request);
        RegisterInput drop = await upload.StoreAsync(ModelName.Parse(model), request, Caller.IdentityOf(request), cancellationToken);
        await new DurableOperations(client).StartAsync(drop.Id, drop, cancellationToken);
        return Answer.Accepted(request, drop.Id);
    }
}
