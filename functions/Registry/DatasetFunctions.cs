using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Registry;

/// <summary>Data sets, and the versions of models that came from them.</summary>
public sealed class DatasetFunctions(DatasetStore datasets, DatasetUpload upload)
{
    // The same limit as for texts of a manifest.
    private const int MaxTextChars = 8_192;

    private sealed record DatasetList(IReadOnlyList<DatasetVersion> Datasets);

    private sealed record DatasetVersions(string Name, IReadOnlyList<DatasetVersion> Versions);

    [Function(nameof(ListDatasets))]
    [Answers(typeof(DatasetList))]
    public async Task<IResult> ListDatasets(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/datasets")] HttpRequest request,
        CancellationToken cancellationToken) =>
        Answer.Json(new DatasetList(await datasets.ListAsync(cancellationToken)));

    [Function(nameof(ListDatasetVersions))]
    [Answers(typeof(DatasetVersions))]
    public async Task<IResult> ListDatasetVersions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/datasets/{name}")] HttpRequest request, string name,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<DatasetVersion> versions = await datasets.ListVersionsAsync(DatasetName.Parse(name), cancellationToken);
        return versions.Count > 0
            ? Answer.Json(new DatasetVersions(name, versions))
            : throw new ServiceException(ErrorCode.DatasetNotFound, $"There is no data set '{name}'.");
    }

    [Function(nameof(GetDatasetVersion))]
    [Answers(typeof(DatasetVersion))]
    public async Task<IResult> GetDatasetVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/datasets/{name}/{version:int}")] HttpRequest request,
        string name,
        int version,
        CancellationToken cancellationToken) =>
        Answer.Json(await datasets.FindAsync(DatasetName.Parse(name), version, cancellationToken)
            ?? throw new ServiceException(ErrorCode.DatasetNotFound, $"Data set '{name}' has no version {version}."));

    /// <summary>
    /// Registers a data set without a model: the body is the file, CSV or Parquet. 201; the same bytes again: 200 with their version.
    /// </summary>
    [Function(nameof(UploadDataset))]
    [Takes(null, ContentType = "text/csv")]
    [Takes(null, ContentType = "application/octet-stream")]
    [Answers(typeof(DatasetVersion))]
    [Answers(typeof(DatasetVersion), StatusCodes.Status201Created)]
    public async Task<IResult> UploadDataset(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/datasets/{name}")] HttpRequest request,
        string name,
        CancellationToken cancellationToken)
    {
        DatasetName dataset = DatasetName.Parse(name);
        var query = new RequestQuery(request);
        var description = new DatasetDescription(query.Text("uri"), query.Text("note"), Caller.NameOf(request));
        if (description.Uri is { } uri && !Uri.IsWellFormedUriString(uri, UriKind.Absolute))
        {
            query.Refuse($"uri must be an absolute address, not '{uri}'.");
        }

        if (description is { Uri.Length: > MaxTextChars } or { Note.Length: > MaxTextChars })
        {
            query.Refuse($"uri and note have at most {MaxTextChars:N0} characters.");
        }

        if (request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true)
        {
            query.Refuse("The body must be the data set itself and not a form: curl --data-binary @data.csv");
        }

        query.Check();
        RequestBody.CheckEncoding(request);
        (DatasetVersion version, bool isNew) = await upload.StoreAsync(dataset, request.Body, description, cancellationToken);
        request.HttpContext.Response.Headers.Location = $"/api/datasets/{dataset}/{version.Version}";
        return Answer.Json(version, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}
