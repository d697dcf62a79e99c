using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Site.Data;
using Modeldrop.Site.Drop;

namespace Modeldrop.Functions.Site;

/// <summary>The pages of data sets, and the page for dropping a model.</summary>
public sealed class DataPages(DatasetStore datasets, RegistryStore registry)
{
    [Function(nameof(ShowDatasets))]
    public async Task<IResult> ShowDatasets(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/datasets")] HttpRequest request,
        CancellationToken cancellationToken) =>
        Answer.Page<DatasetListPage, DatasetListView>(new DatasetListView(await datasets.ListAsync(cancellationToken)));

    /// <summary>Shows the latest version, or that of <c>?version=</c>.</summary>
    [Function(nameof(ShowDataset))]
    public async Task<IResult> ShowDataset(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/datasets/{name}")] HttpRequest request, string name,
        CancellationToken cancellationToken)
    {
        DatasetName dataset = DatasetName.Parse(name);
        var query = new RequestQuery(request);
        int? asked = query.Number("version", min: 1);
        query.Check();
        IReadOnlyList<DatasetVersion> versions = await datasets.ListVersionsAsync(dataset, cancellationToken);
        int version = asked ?? (versions is [.., var latest] ? latest.Version : 1);
        DatasetVersion shown = await datasets.FindAsync(dataset, version, cancellationToken)
            ?? throw new ServiceException(ErrorCode.DatasetNotFound, versions.Count == 0
                ? $"There is no data set '{name}'." : $"Data set '{name}' has no version {version}.");
        return Answer.Page<DatasetPage, DatasetView>(new DatasetView(name, versions, shown));
    }

    [Function(nameof(ShowDrop))]
    public async Task<IResult> ShowDrop(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/drop")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        string? model = new RequestQuery(request).Text("model") is { } name ? ModelName.Parse(name).Value : null;
        Func<ModelName, bool> sees = Caller.SeesIn(request);
        List<string> models = await registry.ListNamesAsync(cancellationToken)
            .Where(known => ModelName.FindStored(known) is { } name && sees(name)).ToListAsync(cancellationToken);
        return Answer.Page<DropPage, DropView>(new DropView(model, models));
    }
}
