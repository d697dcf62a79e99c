using System.Text;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Drills;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Site.Models;

/// <summary>Collects the data for the page of a model.</summary>
/// <remarks>
/// At most 33 requests: one each for head, events, drift report, drift checks, alerts, conditions, drill, hours and card; two for the
/// example and two for the data set; and for each of the ten versions on the page its record, which is cached, and its report.
/// </remarks>
public sealed class ModelPageService(
    RegistryStore registry, VersionStore versions, ValidationReports reports, DriftStore drift, AlertStore alerts, ProfileStore profiles,
    DrillReports drills, DatasetStore datasets, ModelExamples examples, TimeProvider clock)
{
    public const int VersionsPerPage = 10;
    private const string CardFile = "card.md";
    private const int MaxEvents = 500;
    private const int MaxChecks = 500;
    private const int MaxAlerts = 20;
    private const int MaxCardBytes = 64 * 1024;
    private static readonly TimeSpan HoursShown = TimeSpan.FromDays(1);

    /// <summary>Returns one model in detail; null if it does not exist.</summary>
    /// <param name="page">Page of its versions, counted from 1; a number that is too large means the last page.</param>
    /// <param name="address">See <see cref="ModelView.Address"/>.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<ModelView?> FindAsync(ModelName model, int page, string address, CancellationToken cancellationToken)
    {
        if (await registry.FindHeadAsync(model, cancellationToken) is not { } head)
        {
            return null;
        }

        int pages = Math.Max(1, (head.Versions.Length + VersionsPerPage - 1) / VersionsPerPage);
        page = Math.Min(page, pages);
        VersionEntry? champion = head.FindAlias(AliasName.Champion);
        Task<VersionRow[]> rows = Task.WhenAll(head.Versions.Reverse().Skip((page - 1) * VersionsPerPage).Take(VersionsPerPage)
            .Select(entry => ReadVersionAsync(model, entry, cancellationToken)));
        Task<IReadOnlyList<RegistryEvent>> events = registry.ReadNewestAsync(head, MaxEvents, cancellationToken);
        Task<IReadOnlyList<DriftVerdict>> checks = drift.ListVerdictsAsync(model, MaxChecks, cancellationToken);
        Task<AlertPage> told = alerts.ListAsync(new AlertQuery(MaxAlerts, model), cancellationToken);
        Task<IReadOnlyList<RaisedCondition>> raised = alerts.ListRaisedAsync(model, model, cancellationToken);
        ModelVersion? serving = champion is null ? null : await versions.GetAsync(model, champion, cancellationToken);
        Task<DriftReport?> latest = drift.FindLatestAsync(model, champion?.Number, cancellationToken);
        return new ModelView(
            head, await rows, [.. (await events).Reverse()], serving, await latest, await ReadDrillAsync(model, serving, cancellationToken),
            await ReadCardAsync(model, serving, cancellationToken))
        {
            Page = page,
            Pages = pages,
            Raised = await raised,
            Alerts = (await told).Alerts,
            Checks = await checks,
            Hours = await ReadHoursAsync(model, champion, cancellationToken),
            Example = serving is null ? null : await examples.FindAsync(serving, cancellationToken),
            Relatives = await ReadRelativesAsync(model, serving, cancellationToken),
            At = clock.GetUtcNow(),
            Address = address,
        };
    }

    /// <summary>Returns a name under which every drop was refused, in two requests. Null: nothing happened under it.</summary>
    public async Task<RefusedModel?> FindRefusedAsync(ModelName model, CancellationToken cancellationToken)
    {
        List<RegistryEvent> events = await registry.ReadEventsAsync(model, null, null, cancellationToken)
            .Take(MaxEvents).ToListAsync(cancellationToken);
        events.Reverse();
        return events.Count == 0 ? null : new RefusedModel(model.Value, events);
    }

    private async Task<VersionRow> ReadVersionAsync(ModelName model, VersionEntry entry, CancellationToken cancellationToken)
    {
        Task<ValidationReport?> report = reports.FindAsync(new VersionName(model, entry.Number), cancellationToken);
        return new VersionRow(entry, await versions.GetAsync(model, entry, cancellationToken), await report);
    }

    private async Task<DrillSummary?> ReadDrillAsync(ModelName model, ModelVersion? version, CancellationToken cancellationToken)
    {
        if (version is null)
        {
            return null;
        }

        MonitoringPolicy policy = version.Manifest.Monitoring;
        bool rollsBack = policy.OnDrift == DriftAction.Rollback || policy.OnDegraded == DriftAction.Rollback;
        return await drills.FindAsync(new VersionName(model, version.Number), cancellationToken) is { } report
            ? new DrillSummary(rollsBack, report.RanAt, report.Summary)
            : new DrillSummary(rollsBack, null, null);
    }

    private async Task<IReadOnlyList<HourRow>?> ReadHoursAsync(
        ModelName model, VersionEntry? champion, CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        return champion is null ? null : await profiles
            .ReadAsync(new VersionName(model, champion.Number), Hours.Floor(now - HoursShown), Hours.Floor(now) + 1, cancellationToken)
            .ToListAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<DatasetUse>> ReadRelativesAsync(
        ModelName model, ModelVersion? serving, CancellationToken cancellationToken) =>
        serving?.Dataset is { } dataset
            && await datasets.FindAsync(DatasetName.Parse(dataset.Name), dataset.Version, cancellationToken) is { } found
            ? [.. found.Uses.Where(use => use.Model != model)]
            : [];

    private async Task<string?> ReadCardAsync(ModelName model, ModelVersion? version, CancellationToken cancellationToken)
    {
        if (version?.FindFile(CardFile) is not { Bytes: <= MaxCardBytes } file)
        {
            return null;
        }

        await using Stream card = await versions.ReadAsync(
            new VersionName(model, version.Number), file.StoredAt ?? file.Path, cancellationToken);
        using var reader = new StreamReader(card, Encoding.UTF8);
        return CardHtml.Of(await reader.ReadToEndAsync(cancellationToken));
    }
}
