using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Compares a window of a version's traffic with its reference.</summary>
public sealed partial class DriftService(
    ReferenceProfiles references,
    ProfileStore profiles,
    DriftStore reports,
    DriftWatch watch,
    IOptions<MonitoringOptions> options,
    TimeProvider clock,
    ILogger<DriftService> logger)
{
    private const long HoursOfAWeek = 7 * 24;

    /// <summary>
    /// The hourly check: compares the window, and lets the watch (<see cref="DriftWatch"/>) look at the completed hours. Stores the report.
    /// </summary>
    /// <param name="from">Event time; rounded down to the hour.</param>
    /// <param name="to">End of the window, exclusive; rounded up to the hour.</param>
    /// <param name="watchFrom">Where the watch begins if it has not begun yet.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<DriftReport> WatchAsync(
        VersionName version, DateTimeOffset from, DateTimeOffset to, DateTimeOffset watchFrom, DriftBaseline baseline,
        CancellationToken cancellationToken)
    {
        using StorageMeter meter = StorageMeter.Start();
        DriftReport report = await CompareAsync(version, from, to, baseline, cancellationToken);
        if (await references.FindAsync(version, cancellationToken) is { } reference)
        {
            long until = Hours.Floor(clock.GetUtcNow());
            WatchState state = await watch.AdvanceAsync(
                version, reference, await WatchBaselineAsync(version, reference, baseline, cancellationToken),
                Math.Min(Hours.Floor(watchFrom), until), until, options.Value.With(report.Significance), cancellationToken);
            report = report with { Watch = state, Alarm = state.HasAlarm, Transactions = meter.Transactions };
        }

        return await StoreAsync(report, cancellationToken);
    }

    /// <summary>The baseline of the watch.</summary>
    internal async Task<WatchBaseline> WatchBaselineAsync(
        VersionName version, ReferenceProfile reference, DriftBaseline baseline, CancellationToken cancellationToken)
    {
        HourProfile? pinned = baseline.From is null ? null
            : await BaselineAsync(version, reference, baseline, 0, 0, cancellationToken);
        return DriftWatch.BaselineOf(reference, pinned, baseline.Weeks > 0);
    }

    /// <summary>Checks the data that is already folded (<see cref="FoldService"/>) and stores the report.</summary>
    /// <param name="from">Event time; rounded down to the hour.</param>
    /// <param name="to">End of the window, exclusive; rounded up to the hour.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> for an empty window; <see cref="ErrorCode.StoreUnavailable"/>.
    /// </exception>
    public async Task<DriftReport> CheckAsync(
        VersionName version, DateTimeOffset from, DateTimeOffset to, DriftBaseline baseline,
        CancellationToken cancellationToken) =>
        await StoreAsync(await CompareAsync(version, from, to, baseline, cancellationToken), cancellationToken);

    /// <summary>Makes the same check without storing the report.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> for an empty window; <see cref="ErrorCode.StoreUnavailable"/>.
    /// </exception>
    public async Task<DriftReport> CompareAsync(
        VersionName version, DateTimeOffset from, DateTimeOffset to, DriftBaseline baseline, CancellationToken cancellationToken)
    {
        using StorageMeter meter = StorageMeter.Start();
        if (to <= from)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"The window from {from:O} to {to:O} is empty.");
        }

        long fromHour = Hours.Floor(from);
        long toHour = Hours.Ceiling(to);
        ReferenceProfile? reference = await references.FindAsync(version, cancellationToken);
        WindowHours read = await WindowHours.ReadAsync(profiles, version, reference, fromHour, toHour, cancellationToken);
        HourProfile window = read.Sum;
        MonitoringOptions settings = options.Value;
        HourProfile? before = reference is null ? null
            : await BaselineAsync(version, reference, baseline, fromHour, toHour, cancellationToken);
        RowWeights? weights = reference is null ? null : RowWeights.Of(reference, before, window);
        IReadOnlyList<FeatureDrift> features = reference is null ? []
            : DriftEvaluator.Evaluate(reference, before?.Features, window.Features, settings, weights);
        if (features.Any(feature => feature.Drifted))
        {
            features = WithFirstHours(features, reference!, before?.Features, read.Hours, settings, weights);
        }

        DriftStatus status = reference is null ? DriftStatus.NoReference
            : features.Any(feature => feature.Test is not null) ? DriftStatus.Checked
            : DriftStatus.TooFewRows;
        return new DriftReport
        {
            Model = version.Model,
            Version = version.Number,
            Status = status,
            Summary = DriftWords.Summarise(status, window, before, baseline, reference?.Rows ?? 0, features, settings),
            Drifted = features.Any(feature => feature.Drifted),
            From = Hours.StartOf(fromHour),
            To = Hours.StartOf(toHour),
            CheckedAt = clock.GetUtcNow(),
            Records = window.Records,
            Rows = window.Rows,
            ReferenceRows = reference?.Rows ?? 0,
            OtherRows = read.OtherRows,
            Baseline = baseline.ToString(),
            ReferenceLoggedFrom = reference?.LoggedFrom,
            ReferenceLoggedTo = reference?.LoggedTo,
            Significance = reference is null ? settings.Significance : DriftEvaluator.SignificanceOf(reference, settings),
            MinimumDistance = settings.MinimumDistance,
            MinimumRows = settings.MinimumRows,
            Features = features,
            Transactions = meter.Transactions,
        };
    }

    private async Task<DriftReport> StoreAsync(DriftReport report, CancellationToken cancellationToken)
    {
        await reports.WriteAsync(report.Model, report, cancellationToken);
        Log.Checked(logger, report.Model, report.Version, report.Summary, report.Transactions);
        return report;
    }

    /// <summary>Null: the reference data are the baseline.</summary>
    private async Task<HourProfile?> BaselineAsync(
        VersionName version, ReferenceProfile reference, DriftBaseline baseline, long fromHour, long toHour,
        CancellationToken cancellationToken)
    {
        if (baseline is { From: { } from, To: { } to })
        {
            return await SumAsync(version, reference, Hours.Floor(from), Hours.Ceiling(to), cancellationToken);
        }

        if (baseline.Weeks == 0)
        {
            return null;
        }

        HourProfile sum = HourProfile.Empty(reference);
        for (int week = 1; week <= baseline.Weeks; week++)
        {
            long shift = week * HoursOfAWeek;
            // If a window is longer than a week, some of its hours belong to the earlier weeks as well. They are not compared with
            // themselves.
            sum.Add(
                await SumAsync(version, reference, fromHour - shift, Math.Min(toHour - shift, fromHour), cancellationToken));
        }

        return sum;
    }

    private async Task<HourProfile> SumAsync(
        VersionName version, ReferenceProfile reference, long fromHour, long toHour, CancellationToken cancellationToken) =>
        (await WindowHours.ReadAsync(profiles, version, reference, fromHour, toHour, cancellationToken)).Sum;

    /// <summary>Repeats the comparison as the window grows hour by hour, until every drifted feature has its first hour.</summary>
    internal static FeatureDrift[] WithFirstHours(
        IReadOnlyList<FeatureDrift> features, ReferenceProfile reference, IReadOnlyList<FeatureCounts>? before, IEnumerable<HourRow> hours,
        MonitoringOptions settings, RowWeights? weights = null)
    {
        var first = new DateTimeOffset?[features.Count];
        List<int> open = [.. Enumerable.Range(0, features.Count).Where(index => features[index].Drifted)];
        HourProfile grown = HourProfile.Empty(reference);
        foreach (HourRow row in hours)
        {
            grown.Add(row.Profile);
            IReadOnlyList<FeatureDrift> then = DriftEvaluator.Evaluate(reference, before, grown.Features, settings, weights);
            foreach (int index in open.Where(index => then[index].Drifted))
            {
                first[index] = Hours.StartOf(row.Hour);
            }

            open.RemoveAll(index => first[index] is not null);
            if (open.Count == 0)
            {
                break;
            }
        }

        return [.. features.Select((feature, index) => feature.Drifted ? feature with { FirstHour = first[index] } : feature)];
    }

    private static partial class Log
    {
        [LoggerMessage(5100, LogLevel.Information,
            "Drift check of '{Model}' version {Version}: {Summary} ({Transactions} storage transactions)")]
        public static partial void Checked(ILogger logger, ModelName model, int version, string summary, long transactions);
    }
}
