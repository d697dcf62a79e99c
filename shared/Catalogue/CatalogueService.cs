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
        IReadOnlyList<ModelHead> heads = [.. (await registry.ListHeadsAsync(cancellationToken)).Where(head => head.Exists && ModelName.Find(head.Name) is not null)];
        if (selected is { } model)
        {
            ModelHead head = heads.FirstOrDefault(candidate => candidate.Name == model.Value)
                ?? throw new ServiceException(ErrorCode.ModelNotFound, $"There is no model '{model}'.");
            return new CatalogueView([], await ReadDetailsAsync(model, head, cancellationToken), clock.GetUtcNow());
        }

        ModelRow[] rows = await Task.WhenAll(heads.Where(head => !head.Archived).Select(async head => new ModelRow(head, await ReadDriftAsync(ModelName.Parse(head.Name), head, cancellationToken))));
        return new CatalogueView(rows, null, clock.GetUtcNow());
    }

    private async Task<ModelDetails> ReadDetailsAsync(ModelName model, ModelHead head, CancellationToken cancellationToken)
    {
        IEnumerable<VersionEntry> newest = head.Versions.Reverse().Take(MaxVersions);
        ModelVersion[] records = await Task.WhenAll(newest.Select(entry => versions.GetAsync(model, entry, cancellationToken)));
        List<RegistryEvent> events = [];
        await foreach ((_, RegistryEvent registryEvent) in registry.ReadEventsAsync(model.Value, null, null, cancellationToken))
        {
            events.Add(registryEvent);
        }

        events.Reverse();
        ModelVersion? serving = records.FirstOrDefault(record => record.Version == head.FindAlias(AliasName.Champion)?.Version);
        return new ModelDetails(
            head, records, [.. events.Take(MaxEvents)], await ReadDriftAsync(model, head, cancellationToken), await ReadCardAsync(model, serving, cancellationToken));
    }

    /// <summary>Of the version that serves: a check of another one says nothing about what clients get.</summary>
    private async Task<DriftSummary?> ReadDriftAsync(ModelName model, ModelHead head, CancellationToken cancellationToken)
    {
        DriftReport? report = await drift.FindLatestAsync(model, head.FindAlias(AliasName.Champion)?.Version, cancellationToken);
        return report is null ? null : new DriftSummary(
            report.Version, report.From, report.To, report.Rows, report.CheckedAt, report.Status == DriftStatus.Checked, report.Summary, [.. report.Features.Select(Summarise)]);
    }

    private static DriftFeatureSummary Summarise(FeatureDrift feature) => new(
        feature.IsOutput ? $"{feature.Name} (output)" : feature.Name,
        feature.NoVerdict is not null ? "no verdict" : feature.Drifted ? "drifted" : "stable",
        feature.NoVerdict,
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
