using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>Selects models of a list.</summary>
/// <param name="Search">Part of the name or of the description, in any case; null: all.</param>
/// <param name="Tag"><c>key</c> or <c>key=value</c>; null: all.</param>
/// <param name="Page">Counted from 1.</param>
/// <param name="PageSize">1 to <see cref="MaxPageSize"/>.</param>
public sealed record ModelQuery(string? Search = null, string? Tag = null, int Page = 1, int PageSize = 50, bool Archived = false)
{
    public const int MaxPageSize = 1_000;

    /// <summary>Returns whether the reader may see a model; null: all models.</summary>
    public Func<ModelName, bool>? Sees { get; init; }
}

/// <summary>A page of models, ordered by name.</summary>
/// <param name="Total">Number of models over all pages.</param>
public sealed record ModelPage(IReadOnlyList<ModelHead> Models, int Page, int PageSize, int Total);
