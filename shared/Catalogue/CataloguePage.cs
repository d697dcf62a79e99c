using Modeldrop.Pages;

namespace Modeldrop.Catalogue;

/// <summary>Writes the catalogue for a reader with, or without, an access code.</summary>
public sealed class CataloguePage(string? accessCode, PageReader? reader = null)
{
    private readonly PageLinks _links = new(accessCode);

    public string Render(CatalogueView view) => Render(new CatalogueContent(_links, view.At, view, null));

    /// <summary>The page for a model that cannot be shown.</summary>
    public string RenderMissing(string reason, DateTimeOffset at) => Render(new CatalogueContent(_links, at, null, reason));

    private string Render(CatalogueContent content) => HtmlPage.Render<CatalogueDocument, CatalogueContent>(content, reader);
}

/// <summary>What is on the page.</summary>
/// <param name="View">Null: nothing can be shown, and <paramref name="Missing"/> says why.</param>
public sealed record CatalogueContent(PageLinks Links, DateTimeOffset At, CatalogueView? View, string? Missing);
