using System.Globalization;
using Modeldrop.Registry;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Tracking.Models;

/// <summary>Searches of models and versions, by MLflow's filters and orders.</summary>
public sealed class RegistrySearch(RegistryStore store, RegistryView view)
{
    private const string ModelKeys = "name and tags.<key>";
    private const string VersionKeys = "name, run_id, source_path, version_number and tags.<key>";

    private static readonly string[] ModelOrders = ["name", "creation_timestamp", "last_updated_timestamp", "timestamp"];
    private static readonly string[] VersionOrders = [.. ModelOrders, "version_number"];

    /// <summary>The models that match the filter, by name if no order is requested.</summary>
    /// <param name="maySee">Whether the caller may see a model.</param>
    public async Task<IReadOnlyList<ModelHead>> FindModelsAsync(
        string? filter, IReadOnlyList<string> orders, Func<string, bool> maySee, CancellationToken cancellationToken)
    {
        IReadOnlyList<FilterTerm> terms = FilterReader.Read(filter, key => key == "name" || IsTag(key), ModelKeys);
        IEnumerable<ModelHead> found = (await store.ListHeadsAsync(cancellationToken))
            .Where(head => !head.Archived && maySee(head.Name.Value))
            .Where(head => terms.All(term => term.Passes(
                IsTag(term.Key) ? head.Tags.GetValueOrDefault(term.Key["tags.".Length..]) : head.Name.Value)));
        return SearchOrder.Sort(found, orders, ModelOrders.Contains, ValueOf, "name");
    }

    /// <summary>The versions that match the filter, the last changed first if no order is requested.</summary>
    /// <param name="maySee">Whether the caller may see a model.</param>
    public async Task<IReadOnlyList<ModelVersionAnswer>> FindVersionsAsync(
        string? filter, IReadOnlyList<string> orders, Func<string, bool> maySee, CancellationToken cancellationToken)
    {
        IReadOnlyList<FilterTerm> terms = FilterReader.Read(
            filter, key => key is "name" or "run_id" or "source_path" or "version_number" || IsTag(key), VersionKeys);
        FilterTerm[] ofModels = [.. terms.Where(term => term.Key == "name")];
        List<ModelVersionAnswer> found = [];
        foreach (ModelHead head in (await store.ListHeadsAsync(cancellationToken)).Where(
            head => !head.Archived && maySee(head.Name.Value) && ofModels.All(term => term.Passes(head.Name.Value))))
        {
            found.AddRange((await view.ListVersionsAsync(head, cancellationToken))
                .Where(version => terms.All(term => term.Passes(ValueOf(version, term.Key)))));
        }

        return SearchOrder.Sort(
            found, orders, VersionOrders.Contains, ValueOf, "last_updated_timestamp DESC", "name", "version_number DESC");
    }

    private static bool IsTag(string key) => key.StartsWith("tags.", StringComparison.Ordinal);

    private static string? ValueOf(ModelHead head, string key) => key switch
    {
        "name" => head.Name.Value,
        "creation_timestamp" => Text(head.CreatedAt.ToUnixTimeMilliseconds()),
        _ => Text(head.UpdatedAt.ToUnixTimeMilliseconds()),
    };

    private static string? ValueOf(ModelVersionAnswer version, string key) => key switch
    {
        "name" => version.Name,
        "run_id" => version.RunId,
        "source_path" => version.Source,
        "version_number" => version.Version,
        "creation_timestamp" => Text(version.CreationTimestamp),
        "last_updated_timestamp" or "timestamp" => Text(version.LastUpdatedTimestamp),
        _ => version.Tags.FirstOrDefault(tag => tag.Key == key["tags.".Length..])?.Value,
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
