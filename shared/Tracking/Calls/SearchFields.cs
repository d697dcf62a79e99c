using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Calls;

/// <summary>The fields that every search has: a filter, an order and a page.</summary>
/// <param name="Token">Of the page; null: the first one.</param>
public sealed record SearchFields(string? Filter, IReadOnlyList<string> Orders, int Size, string? Token)
{
    private static readonly string[] Views = ["ACTIVE_ONLY", "DELETED_ONLY", "ALL"];

    internal static SearchFields Read(CallFields fields, int byDefault, int max) => new(
        fields.Text("filter"), fields.Texts("order_by"), fields.Count("max_results", byDefault, max), fields.Text("page_token"));

    internal static ViewType ReadView(CallFields fields, string name) => fields.Choice(name, Views) switch
    {
        "DELETED_ONLY" => ViewType.DeletedOnly,
        "ALL" => ViewType.All,
        _ => ViewType.ActiveOnly,
    };
}
