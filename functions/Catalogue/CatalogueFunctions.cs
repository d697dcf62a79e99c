using Microsoft.AspNetCore.Http;
using Modeldrop.Catalogue;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Catalogue;

/// <summary>The catalogue page.</summary>
public sealed class CatalogueFunctions(CatalogueService catalogue)
{
    [Function(nameof(ShowCatalogue))]
    public async Task<IResult> ShowCatalogue(
        [HttpTrigger(AuthorizationLevel.Admin, "get", Route = "/")] HttpRequest request, CancellationToken cancellationToken)
    {
        ModelName? selected = request.Query["model"].FirstOrDefault() is { Length: > 0 } model ? ModelName.Parse(model) : null;
        CatalogueView view = await catalogue.ReadAsync(selected, cancellationToken);
        return Results.Content(new CataloguePage(request.Query["code"]).Render(view), "text/html; charset=utf-8");
    }
}
