using System.Text;
using Modeldrop.Errors;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Registry;

namespace Modeldrop.Catalogue;

/// <summary>Gathers what the catalogue page shows.</summary>
public sealed class CatalogueService(RegistryStore registry, VersionStore versions, DriftStore drift, TimeProvider clock)
{
    private const string CardFile = "card.md";
    private const int MaxEvents = 50;
    private const int MaxVersions = 50;
    private const int MaxCardBytes = 64 * 1024;

    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<CatalogueView> ReadAsync(ModelName? selected, CancellationToken cancellationToken)
    {
        IReadOnlyList<ModelHead> heads = [.. (await registry.ListHeadsAsync(cancellationToken)).Where(head => !head.Archived && head.Versions.Length > 0)];
        if (selected is { } model)
        {
            ModelHead head = heads.FirstOrDefault(candidate => candidate.Name == model.Value)
                ?? throw new ServiceException(ErrorCode.ModelNotFound, $"There is no model '{model}'.");
            return new CatalogueView([], await ReadDetailsAsync(model, head, cancellationToken), clock.GetUtcNow());
        }

        ModelRow[] rows = await Task.WhenAll(heads.Select(async head => new ModelRow(head, await ReadDriftAsync(ModelName.Parse(head.Name), cancellationToken))));
        return new CatalogueView(rows, null, clock.GetUtcNow());
    }

    private async Task<ModelDetails> ReadDetailsAsync(ModelName model, ModelHead head, CancellationToken cancellationToken)
    {
        IEnumerable<VersionEntry> newest = head.Versions.Reverse().Take(MaxVersions);
        ModelVersion[] records = await Task.WhenAll(newest.Select(entry => versions.GetAsync(model, entry.Version, cancellationToken)));
        List<RegistryEvent> events = [];
        await foreach ((_, RegistryEvent registryEvent) in registry.ReadEventsAsync(model.Value, null, null, cancellationToken))
        {
            events.Add(registryEvent);
        }

        events.Reverse();
        ModelVersion? serving = records.FirstOrDefault(record => record.Version == head.FindAlias(AliasName.Champion)?.Version);
        return new ModelDetails(
            head, records, [.. events.Take(MaxEvents)], await ReadDriftAsync(model, cancellationToken), await ReadCardAsync(model, serving, cancellationToken));
    }

    private async Task<DriftSummary?> ReadDriftAsync(ModelName model, CancellationToken cancellationToken)
    {
        DriftReport? report = await drift.FindLatestAsync(model, version: null, cancellationToken);
        return report is null ? null : new DriftSummary(
            report.Version, report.From, report.To, report.Rows, report.CheckedAt, [.. report.Features.Select(Summarise)]);
    }

    private static DriftFeatureSummary Summarise(FeatureDrift feature) => new(
        feature.IsOutput ? $"{feature.Name} (output)" : feature.Name,
        feature.NoVerdict ?? (feature.Drifted ? "drifted" : "stable"),
        feature.Drifted,
        feature.Statistics.FirstOrDefault(statistic => statistic.Name == PopulationStabilityIndex.Name)?.Value,
        feature.Statistics.FirstOrDefault(statistic => statistic.Name == JensenShannon.Name)?.Value);

    private async Task<string?> ReadCardAsync(ModelName model, ModelVersion? version, CancellationToken cancellationToken)
    {
        if (version?.Files.FirstOrDefault(file => file.Path == CardFile) is not { Bytes: <= MaxCardBytes })
        {
            return null;
        }

        await using Stream card = await versions.OpenAsync(model, version.Version, CardFile, cancellationToken);
        using var reader = new StreamReader(card, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
