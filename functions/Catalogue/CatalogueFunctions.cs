using Microsoft.AspNetCore.Http;
using Modeldrop.Catalogue;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Names;

namespace Modeldrop.Functions.Catalogue;

/// <summary>The catalogue page.</summary>
public sealed class CatalogueFunctions(CatalogueService catalogue, TimeProvider clock)
{
    private const string Html = "text/html; charset=utf-8";

    // The root of the site: the worker cannot parse "/", and an empty route would mean the function's name.
    private const string Root = "{ignored:maxlength(0)?}";

    [Function(nameof(ShowCatalogue))]
    public async Task<IResult> ShowCatalogue(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Root)] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        var page = new CataloguePage(accessCode: null, Caller.ReaderOf(request.HttpContext));
        try
        {
            var query = new RequestQuery(request);
            int number = query.Number("page", min: 1) ?? 1;
            query.Check();
            CatalogueView view = query.Text("model") is { } model
                ? await catalogue.GetAsync(ModelName.Parse(model), cancellationToken)
                : await ListAsync(client, number, cancellationToken);
            return Results.Content(page.Render(view), Html);
        }
        catch (ServiceException exception) when (ErrorTable.Get(exception.Code).Fault == Fault.Caller)
        {
            RefusalMeter.Count(request.HttpContext, exception.Code);

            // The reader has a browser: the answer is a page with a way back.
            return Results.Content(
                page.RenderMissing(exception.Message, clock.GetUtcNow()), Html, statusCode: ErrorTable.Get(exception.Code).Status);
        }
    }

    /// <summary>The first page has the recent drops below its models.</summary>
    private async Task<CatalogueView> ListAsync(DurableTaskClient client, int page, CancellationToken cancellationToken)
    {
        CatalogueView view = await catalogue.ListAsync(page, cancellationToken);
        return view.Page > 1 ? view : view with { Drops = await RecentDrops.ListAsync(client, clock.GetUtcNow(), cancellationToken) };
    }
}
