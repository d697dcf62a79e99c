using Modeldrop.Errors;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Scoring.Failures;

namespace Modeldrop.Site.Models;

/// <summary>Collects the data for the list of models.</summary>
/// <remarks>Three queries for any number of models, and at most three small reads for each model on the page.</remarks>
public sealed class ModelListService(
    RegistryStore registry, DriftStore drift, AlertStore alerts, ProfileStore profiles, FailureStore failures, TimeProvider clock)
{
    public const int PageSize = 25;
    private const int HoursShown = 24;

    /// <param name="sees">Returns whether the reader may see a model.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<ModelListView> ListAsync(ModelListQuery query, Func<ModelName, bool> sees, CancellationToken cancellationToken)
    {
        ModelHead[] all = [.. (await registry.ListHeadsAsync(cancellationToken)).Where(head => sees(head.Name))];
        if (all.Length == 0)
        {
            return new ModelListView([], query, 0, IsEmpty: true, [], 1, 1);
        }

        (ModelName first, ModelName last) = (all[0].Name, all[^1].Name);
        Task<IReadOnlyList<DriftHeadline>> headlines = drift.ListHeadlinesAsync(first, last, cancellationToken);
        ILookup<ModelName, RaisedCondition> raised =
            (await alerts.ListRaisedAsync(first, last, cancellationToken)).ToLookup(one => one.Model);
        Dictionary<(ModelName, int?), DriftHeadline> known = (await headlines).ToDictionary(one => (one.Model, (int?)one.Version));
        ModelRow[] found = [.. all.Where(head => Matches(head, query)).Select(head => RowOf(head, known, raised))
            .Where(row => Fits(row, query.Filter))];
        int pages = Math.Max(1, (found.Length + PageSize - 1) / PageSize);
        int page = Math.Min(query.Page, pages);
        ModelRow[] shown = [.. found.Skip((page - 1) * PageSize).Take(PageSize)];
        string[] tags = [.. all.SelectMany(head => head.Tags).Select(tag => $"{tag.Key}={tag.Value}").Distinct()
            .Order(StringComparer.Ordinal)];
        ModelRow[] rows = await Task.WhenAll(shown.Select(row => WithFiguresAsync(row, cancellationToken)));
        return new ModelListView(rows, query, found.Length, IsEmpty: false, tags, page, pages);
    }

    // Data of the serving version: a check of another one says nothing about the answers that clients get.
    private static ModelRow RowOf(
        ModelHead head, Dictionary<(ModelName, int?), DriftHeadline> known, ILookup<ModelName, RaisedCondition> raised)
    {
        int? champion = head.FindAlias(AliasName.Champion)?.Number;
        return new ModelRow(
            head, known.GetValueOrDefault((head.Name, champion)),
            [.. raised[head.Name].Where(one => one.Version == champion)], null, null);
    }

    private static bool Matches(ModelHead head, ModelListQuery query) =>
        head.Archived == (query.Filter == ModelFilter.Archived)
        && (query.Search is not { } search || head.Name.Value.Contains(search, StringComparison.OrdinalIgnoreCase)
            || head.Description.Contains(search, StringComparison.OrdinalIgnoreCase))
        && RegistryService.HasTag(head, query.Tag);

    private static bool Fits(ModelRow row, ModelFilter filter) => filter switch
    {
        ModelFilter.Serving => row.Head.FindAlias(AliasName.Champion) is not null,
        ModelFilter.Idle => row.Head.FindAlias(AliasName.Champion) is null,
        ModelFilter.RollingOut => row.Head.Split is not null,
        ModelFilter.Drifted => row.Drift is { HasVerdict: true, Drifted: > 0 },
        ModelFilter.Alerting => row.Raised.Count > 0,
        _ => true,
    };

    private async Task<ModelRow> WithFiguresAsync(ModelRow row, CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<RegistryEvent>> last = registry.ReadNewestAsync(row.Head, 1, cancellationToken);
        DayTraffic? traffic = row.Head.FindAlias(AliasName.Champion) is { } champion
            ? await TrafficAsync(new VersionName(row.Head.Name, champion.Number), cancellationToken)
            : null;
        return row with { Traffic = traffic, Last = await last is [.., var newest] ? newest : null };
    }

    private async Task<DayTraffic> TrafficAsync(VersionName version, CancellationToken cancellationToken)
    {
        long end = Hours.Floor(clock.GetUtcNow()) + 1;
        Task<IReadOnlyDictionary<long, long>> failed = failures.ReadAsync(version, end - HoursShown, end, cancellationToken);
        long[] requests = new long[HoursShown];
        foreach (HourTraffic hour in await profiles.ReadTrafficAsync(version, end - HoursShown, end, cancellationToken))
        {
            requests[hour.Hour - end + HoursShown] += hour.Requests;
        }

        IReadOnlyDictionary<long, long> byHour = await failed;
        return new DayTraffic(
            requests, [.. Enumerable.Range(0, HoursShown).Select(index => byHour.GetValueOrDefault(end - HoursShown + index))]);
    }
}
