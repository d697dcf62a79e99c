namespace Modeldrop.Site.Drop;

/// <summary>The content of the page for dropping a model.</summary>
/// <param name="Model">The model whose next version it is; null: the reader enters a name.</param>
/// <param name="Models">Names of all models.</param>
public sealed record DropView(string? Model, IReadOnlyList<string> Models);
