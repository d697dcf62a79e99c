using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Consequences;

/// <summary>Acts on the hourly drift report as the version's manifest says: alerts, and <c>monitoring.onDrift</c>.</summary>
public sealed partial class DriftConsequences(
    VersionStore versions, AlertStore alerts, ChampionRollBack rollBack, VersionComparison comparison, ILogger<DriftConsequences> logger,
    PerformanceService? performance = null)
{
    private const int MaxFeatures = 10;

    /// <summary>
    /// Number of looks that share the significance of a data quality alert, which accumulates no evidence: the hours of a watch.
    /// </summary>
    private static readonly double Looks = DriftWatch.Length.TotalHours;

    /// <summary>
    /// Notifies when drift starts and when it ends, and starts what the manifest requests. Repeating the same report changes nothing.
    /// </summary>
    public async Task FollowAsync(DriftReport report, IOperations operations, CancellationToken cancellationToken)
    {
        ModelName model = report.Model;
        MonitoringPolicy policy = (await versions.GetAsync(report.Name, cancellationToken)).Manifest.Monitoring;
        await TellOfDriftAsync(model, report, policy, cancellationToken);
        await TellOfQualityAsync(model, report, policy, cancellationToken);
        if (report.Alarm && policy.OnDrift == DriftAction.Rollback)
        {
            string reason = $"Drift from {report.From:u} to {report.To:u}: {report.Summary}";
            await rollBack.StartAsync(report.Name, report.From, report.To, reason, operations, cancellationToken);
        }
    }

    private async Task TellOfDriftAsync(ModelName model, DriftReport report, MonitoringPolicy policy, CancellationToken cancellationToken)
    {
        if (!report.Alarm)
        {
            if (report.Status == DriftStatus.Checked && report.Watch is null or { IsSeasonKnown: true }
                && await alerts.ResolveAsync(report.Name, AlertKind.Drift, DriftAlertText.Over(report), Figures(report),
                    cancellationToken) is { } over)
            {
                Log.Resolved(logger, model, report.Version, over.Kind);
            }

            return;
        }

        WatchedFeature[] alarmed = [.. report.Watch!.Features.Where(feature => feature.Alarmed is not null)];
        string summary = DriftAlertText.Begun(report, alarmed, await CostAsync(model, report, alarmed, cancellationToken), policy.OnDrift);
        if (await alerts.RaiseAsync(
                report.Name, AlertKind.Drift, summary, Figures(report), policy.AlertWebhook, cancellationToken) is not null)
        {
            Log.Raised(logger, model, report.Version, AlertKind.Drift, summary);
        }

        // The key is the hour of the alarm: each alert of an alarm is sent once, even if the process dies in between.
        string key = $"{report.Version:d6}!{alarmed.Min(feature => feature.Alarmed)!.Value.ToUnixTimeSeconds()}";
        if (policy.OnDrift == DriftAction.Retrain)
        {
            await alerts.TellAsync(
                report.Name, AlertKind.Retrain, key, $"Retrain '{model}'. {summary}", Figures(report),
                policy.RetrainWebhook ?? policy.AlertWebhook, cancellationToken);
        }

        if (!await alerts.IsToldAsync(model, AlertKind.Comparison, key, cancellationToken)
            && await comparison.CompareAsync(report.Name, report.From, report.To, cancellationToken) is { } compared)
        {
            await alerts.TellAsync(
                report.Name, AlertKind.Comparison, key, compared.Summary, JsonSerializer.SerializeToElement(
                    compared, StoredJson.Options), policy.AlertWebhook, cancellationToken);
        }
    }

    /// <summary>
    /// Estimates the cost of the change from the label-free estimates before and after it. This reads the log, so only a new alarm does it.
    /// </summary>
    private async Task<string?> CostAsync(
        ModelName model, DriftReport report, WatchedFeature[] alarmed, CancellationToken cancellationToken)
    {
        DateTimeOffset? since = alarmed.Min(feature => feature.Since);
        if (performance is null || since is not { } start || start >= report.To
            || await alerts.IsRaisedAsync(report.Name, AlertKind.Drift, cancellationToken))
        {
            return null;
        }

        TimeSpan length = report.To - start;
        try
        {
            PerformanceReport read = await performance.ReadAsync(model,
                new PerformanceQuery(report.Version, start - length, report.To, length), cancellationToken);
            return DriftAlertText.Cost(read, start);
        }
        catch (ServiceException)
        {
            // An alert without its cost is better than no alert.
            return null;
        }
    }

    private async Task TellOfQualityAsync(ModelName model, DriftReport report, MonitoringPolicy policy, CancellationToken cancellationToken)
    {
        (string Name, QualityIssue Issue)[] issues =
            [.. report.Features.SelectMany(feature => feature.Issues.Where(issue => issue.AdjustedPValue <= report.Significance / Looks)
                .Select(issue => (feature.Name, issue)))];
        if (issues.Length > 0)
        {
            IEnumerable<string> found = issues.Take(MaxFeatures).Select(one => string.Create(
                CultureInfo.InvariantCulture,
                $"{one.Name} {Words(one.Issue.Kind)} in {one.Issue.Share:P1} (reference {one.Issue.ReferenceShare:P1})"));
            string summary = $"Data of version {report.Version} of '{model}': {string.Join(", ", found)}.";
            if (await alerts.RaiseAsync(
                    report.Name, AlertKind.DataQuality, summary, Figures(report), policy.AlertWebhook,
                    cancellationToken) is not null)
            {
                Log.Raised(logger, model, report.Version, AlertKind.DataQuality, summary);
            }
        }
        else if (report.Status == DriftStatus.Checked && !report.HasIssues
            && await alerts.ResolveAsync(
                report.Name, AlertKind.DataQuality,
                $"The data of version {report.Version} of '{model}' agree with the reference again.", Figures(report),
                cancellationToken) is { } over)
        {
            Log.Resolved(logger, model, report.Version, over.Kind);
        }
    }

    private static JsonElement Figures(DriftReport report) => JsonSerializer.SerializeToElement(
        new
        {
            report.From,
            report.To,
            report.Rows,
            report.Baseline,
            report.Significance,
            report.Watch?.Since,
            report.Watch?.NeededLogEvidence,
            Report =
                $"/api/models/{report.Model}/drift?version={report.Version}&from={report.From:yyyy-MM-dd'T'HH:mm:ss'Z'}"
                    + $"&to={report.To:yyyy-MM-dd'T'HH:mm:ss'Z'}",
            Features = report.Features
                .Where(
                    feature => feature.Issues.Count > 0
                        || report.Watch?.Features.Any(
                            watched => watched.Name == feature.Name
                                && watched.IsOutput == feature.IsOutput
                                && watched.Alarmed is not null) == true)
                .Take(MaxFeatures)
                .Select(feature => new
                {
                    feature.Name,
                    feature.IsOutput,
                    Evidence = report.Watch?.Features.FirstOrDefault(
                        watched => watched.Name == feature.Name && watched.IsOutput == feature.IsOutput),
                    feature.CurrentCount,
                    feature.EffectiveCount,
                    feature.Statistics,
                    feature.ReferenceMean,
                    feature.CurrentMean,
                    feature.MovedMost,
                    feature.Issues,
                }),
        },
        StoredJson.Options);

    private static string Words(QualityIssueKind kind) => kind switch
    {
        QualityIssueKind.Missing => "is missing",
        QualityIssueKind.NotANumber => "is NaN",
        QualityIssueKind.OutOfRange => "is out of range",
        _ => "is unseen",
    };

    private static partial class Log
    {
        [LoggerMessage(7031, LogLevel.Warning, "Alert about version {Version} of {Model}, {Kind}: {Summary}")]
        public static partial void Raised(ILogger logger, ModelName model, int version, AlertKind kind, string summary);

        [LoggerMessage(7032, LogLevel.Information, "The alert about version {Version} of {Model}, {Kind}, has ended")]
        public static partial void Resolved(ILogger logger, ModelName model, int version, AlertKind kind);
    }
}
