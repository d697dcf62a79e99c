using System.Text;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Drills;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Catalogue;

/// <summary>Gathers what the catalogue page shows.</summary>
public sealed class CatalogueService(
    RegistryStore registry, VersionStore versions, DriftStore drift, DrillReports drills, TimeProvider clock)
{
    private const string CardFile = "card.md";
    private const int PageSize = 100;
    private const int MaxEvents = 50;
    private const int MaxVersions = 50;
    private const int MaxCardBytes = 64 * 1024;

    /// <summary>The list of models: two queries, however many models there are on the page.</summary>
    /// <param name="page">Counted from 1; beyond the last: the last.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<CatalogueView> ListAsync(int page, CancellationToken cancellationToken)
    {
        ModelHead[] all = [.. (await registry.ListHeadsAsync(cancellationToken))
            .Where(head => !head.Archived)];
        int pages = Math.Max(1, (all.Length + PageSize - 1) / PageSize);
        page = Math.Min(page, pages);
        ModelHead[] heads = [.. all.Skip((page - 1) * PageSize).Take(PageSize)];
        IReadOnlyList<DriftHeadline> drifts = heads.Length == 0
            ? []
            : await drift.ListHeadlinesAsync(heads[0].Name, heads[^1].Name, cancellationToken);
        Dictionary<(ModelName, int?), DriftHeadline> known = drifts.ToDictionary(headline => (headline.Model, (int?)headline.Version));

        // Of the version that serves: a check of another one says nothing about what clients get.
        return new CatalogueView(
            [.. heads.Select(head => new ModelRow(
                head, known.GetValueOrDefault((head.Name, head.FindAlias(AliasName.Champion)?.Number))))],
            null, clock.GetUtcNow(), page, pages);
    }

    /// <summary>One model in detail, or why it was refused.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<CatalogueView> GetAsync(ModelName model, CancellationToken cancellationToken)
    {
        if (await registry.FindHeadAsync(model, cancellationToken) is { } head)
        {
            return new CatalogueView([], await ReadDetailsAsync(model, head, cancellationToken), clock.GetUtcNow());
        }

        IReadOnlyList<RegistryEvent> events = await ReadEventsAsync(model, cancellationToken);
        return events.Count > 0
            ? new CatalogueView([], null, clock.GetUtcNow()) { Refused = new RefusedModel(model.Value, events) }
            : throw new ServiceException(ErrorCode.ModelNotFound, $"There is no model '{model}'.");
    }

    private async Task<ModelDetails> ReadDetailsAsync(ModelName model, ModelHead head, CancellationToken cancellationToken)
    {
        IEnumerable<VersionEntry> newest = head.Versions.Reverse().Take(MaxVersions);
        ModelVersion[] records = await Task.WhenAll(newest.Select(entry => versions.GetAsync(model, entry, cancellationToken)));
        ModelVersion? serving = records.FirstOrDefault(record => record.Number == head.FindAlias(AliasName.Champion)?.Number);
        return new ModelDetails(
            head, records, await ReadEventsAsync(model, cancellationToken), await ReadDriftAsync(model, head, cancellationToken),
            await ReadDrillAsync(model, serving, cancellationToken), await ReadCardAsync(model, serving, cancellationToken));
    }

    private async Task<IReadOnlyList<RegistryEvent>> ReadEventsAsync(ModelName model, CancellationToken cancellationToken)
    {
        List<RegistryEvent> events = [];
        await foreach ((_, RegistryEvent registryEvent) in registry.ReadEventsAsync(model, null, null, cancellationToken))
        {
            events.Add(registryEvent);
        }

        events.Reverse();
        return [.. events.Take(MaxEvents)];
    }

    private async Task<DrillSummary?> ReadDrillAsync(ModelName model, ModelVersion? version, CancellationToken cancellationToken)
    {
        if (version is null)
        {
            return null;
        }

        MonitoringPolicy policy = version.Manifest.Monitoring;
        bool rollsBack = policy.OnDrift == DriftAction.Rollback || policy.OnDegraded == DriftAction.Rollback;
        return await drills.FindAsync(version.Name, cancellationToken) is { } report
            ? new DrillSummary(rollsBack, report.RanAt, report.Summary)
            : new DrillSummary(rollsBack, null, null);
    }

    private async Task<DriftSummary?> ReadDriftAsync(ModelName model, ModelHead head, CancellationToken cancellationToken)
    {
        DriftReport? report = await drift.FindLatestAsync(model, head.FindAlias(AliasName.Champion)?.Number, cancellationToken);
        return report is null ? null : new DriftSummary(
            report.Version, report.From, report.To, report.Rows, report.CheckedAt, report.Status == DriftStatus.Checked, report.Summary, [
                .. report.Features.Select(Summarise)]);
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
        if (version?.FindFile(CardFile) is not { Bytes: <= MaxCardBytes })
        {
            return null;
        }

        await using Stream card = await versions.OpenAsync(version.Name, CardFile, cancellationToken);
        using var reader = new StreamReader(card, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
