using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Management;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Registry;

/// <summary>Data sets: what models were trained on, and which versions came from them.</summary>
public sealed class DatasetFunctions(DatasetStore datasets)
{
    [Function(nameof(ListDatasets))]
    public async Task<IResult> ListDatasets(
        [HttpTrigger(AuthorizationLevel.Admin, "get", Route = "api/datasets")] HttpRequest request, CancellationToken cancellationToken) =>
        Answer.Json(new { datasets = await datasets.ListAsync(cancellationToken) });

    [Function(nameof(ListDatasetVersions))]
    public async Task<IResult> ListDatasetVersions(
        [HttpTrigger(AuthorizationLevel.Admin, "get", Route = "api/datasets/{name}")] HttpRequest request, string name, CancellationToken cancellationToken)
    {
        IReadOnlyList<DatasetVersion> versions = await datasets.ListVersionsAsync(DatasetName.Parse(name), cancellationToken);
        return versions.Count > 0
            ? Answer.Json(new { name, versions })
            : throw new ServiceException(ErrorCode.DatasetNotFound, $"There is no data set '{name}'.");
    }

    [Function(nameof(GetDatasetVersion))]
    public async Task<IResult> GetDatasetVersion(
        [HttpTrigger(AuthorizationLevel.Admin, "get", Route = "api/datasets/{name}/{version:int}")] HttpRequest request,
        string name,
        int version,
        CancellationToken cancellationToken) =>
        Answer.Json(await datasets.FindAsync(DatasetName.Parse(name), version, cancellationToken)
            ?? throw new ServiceException(ErrorCode.DatasetNotFound, $"There is no version {version} of data set '{name}'."));
}
