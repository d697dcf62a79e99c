using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Site.Models;
using Modeldrop.Site.Versions;

namespace Modeldrop.Functions.Site;

/// <summary>The pages of models and versions.</summary>
public sealed class ModelPages(ModelListService list, ModelPageService models, VersionPageService versions, TimeProvider clock)
{
    // The root of the site. The worker cannot parse "/", and an empty route would be replaced by the function's name.
    private const string Root = "{ignored:maxlength(0)?}";

    [Function(nameof(ShowModels))]
    public async Task<IResult> ShowModels(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Root)] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        int page = query.Number("page", min: 1) ?? 1;
        ModelFilter filter = query.Word<ModelFilter>(
            "show", "one of all, serving, rollingout, drifted, alerting, idle and archived") ?? ModelFilter.All;
        query.Check();
        var asked = new ModelListQuery(query.Text("search"), query.Text("tag"), filter, page);
        Func<ModelName, bool> sees = Caller.SeesIn(request);
        ModelListView view = await list.ListAsync(asked, sees, cancellationToken);
        return Answer.Page<ModelListPage, ModelListView>(
            asked == new ModelListQuery()
                ? view with { Drops = await RecentDrops.ListAsync(client, clock.GetUtcNow(), sees, cancellationToken) }
                : view);
    }

    [Function(nameof(ShowModel))]
    public async Task<IResult> ShowModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/models/{model}")] HttpRequest request, string model,
        CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        var query = new RequestQuery(request);
        int page = query.Number("versions", min: 1) ?? 1;
        query.Check();
        if (await models.FindAsync(name, page, AddressOf(request), cancellationToken) is { } view)
        {
            return Answer.Page<ModelPage, ModelView>(view);
        }

        return await models.FindRefusedAsync(name, cancellationToken) is { } refused
            ? Answer.Page<RefusedPage, RefusedModel>(refused)
            : throw new ServiceException(ErrorCode.ModelNotFound, $"There is no model '{name}'.");
    }

    [Function(nameof(ShowVersion))]
    public async Task<IResult> ShowVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/models/{model}/versions/{version:int}")]
        HttpRequest request,
        string model,
        int version,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        int? against = query.Number("against", min: 1);
        query.Check();
        return Answer.Page<VersionPage, VersionView>(
            await versions.GetAsync(new VersionName(ModelName.Parse(model), version), against, cancellationToken));
    }

    /// <summary>The address at which the reader reached the app: <c>https://host</c>.</summary>
    private static string AddressOf(HttpRequest request) => $"{request.Scheme}://{request.Host}";
}
