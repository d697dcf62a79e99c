namespace Modeldrop.Site.Drop;

/// <summary>A model that is about to be dropped.</summary>
/// <param name="Model">Whose next version it is; null: the reader names it.</param>
/// <param name="Models">All that there are, by name.</param>
public sealed record DropView(string? Model, IReadOnlyList<string> Models);
