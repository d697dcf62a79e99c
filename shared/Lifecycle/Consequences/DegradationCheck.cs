using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Consequences;

/// <summary>
/// Judges champions by feedback. Each window of the manifest's length is judged once, when enough of its labels have arrived.
/// </summary>
/// <remarks>
/// Windows do not overlap. All metrics of all windows of four weeks share one chance of a false alarm,
/// <see cref="MonitoringOptions.Significance"/>, in equal parts (Bonferroni). A metric is worse when it differs from the validation's by
/// more than a floor, given the error of both (<see cref="MetricChange"/>), or when it lies beyond a bound of the manifest. The calibration
/// error is left out: it grows as rows get fewer, even for a model whose probabilities are right. Log loss and Brier score show the same
/// faults. The manifest's <c>monitoring.onDegraded</c> says what a degradation starts.
/// </remarks>
public sealed partial class DegradationCheck(
    RegistryStore registry,
    VersionStore versions,
    PerformanceService performance,
    JudgedWindows judged,
    ValidationReports reports,
    AlertStore alerts,
    ChampionRollBack rollBack,
    IOptions<MonitoringOptions> options,
    TimeProvider clock,
    ILogger<DegradationCheck> logger)
{
    /// <summary>Number of windows back from now that may still be judged. Later labels change the figures, but start nothing.</summary>
    private const int Windows = 7;

    /// <summary>
    /// The period in which an unchanged version raises a false alarm with at most the probability
    /// <see cref="MonitoringOptions.Significance"/>.
    /// </summary>
    private static readonly TimeSpan FourWeeks = TimeSpan.FromDays(28);

    private static readonly IReadOnlyDictionary<string, MetricInterval> NoIntervals = new Dictionary<string, MetricInterval>();

    /// <summary>Share of a window's rows whose labels must be known while more may arrive.</summary>
    private const double EnoughShare = 0.5;

    /// <summary>Judges every champion. A failure for one model does not stop the others.</summary>
    public async Task CheckAllAsync(IOperations operations, CancellationToken cancellationToken)
    {
        foreach (ModelHead head in (await registry.ListHeadsAsync(cancellationToken)).Where(head => !head.Archived))
        {
            try
            {
                if (head.FindAlias(AliasName.Champion) is { } champion)
                {
                    await CheckAsync(new VersionName(head.Name, champion.Number), operations, cancellationToken);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception, head.Name);
            }
        }
    }

    private async Task CheckAsync(
        VersionName version, IOperations operations, CancellationToken cancellationToken)
    {
        ModelVersion record = await versions.GetAsync(version, cancellationToken);
        MonitoringPolicy policy = record.Manifest.Monitoring;
        DateTimeOffset now = clock.GetUtcNow();
        DateTimeOffset last = new(now.UtcTicks - (now.UtcTicks % policy.Window.Ticks), TimeSpan.Zero);
        for (int back = Windows; back >= 1; back--)
        {
            DateTimeOffset from = last - (back * policy.Window);
            if (!await judged.IsWorthJudgingAsync(version, from, from + policy.Window, options.Value.MinimumRows, cancellationToken))
            {
                continue;
            }

            PerformanceReport report = await performance.ReadAsync(
                version.Model, new PerformanceQuery(version.Number, from, from + policy.Window), cancellationToken);
            if (report.Windows is not [var window]
                || window.Labelled < options.Value.MinimumRows
                || (back == 1 && window.Labelled < EnoughShare * window.Rows))
            {
                continue;
            }

            await JudgeAsync(record, window, operations, cancellationToken);
        }
    }

    private async Task JudgeAsync(
        ModelVersion record, WindowPerformance window, IOperations operations,
        CancellationToken cancellationToken)
    {
        MonitoringPolicy policy = record.Manifest.Monitoring;
        ModelMetrics? validation = (await reports.GetAsync(record.Name, cancellationToken)).Metrics;
        IReadOnlyList<string> worse = WorseIn(window.Metrics, validation?.Intervals, record.Manifest, options.Value);
        IReadOnlyDictionary<string, double> before = validation?.Values ?? new Dictionary<string, double>();
        JsonElement figures = JsonSerializer.SerializeToElement(
            new { window.From, window.To, window.Rows, window.Labelled, window.Metrics, Validation = before, Worse = worse },
            StoredJson.Options);
        string span = $"from {window.From:u} to {window.To:u}";
        if (worse.Count == 0)
        {
            await alerts.ResolveAsync(
                record.Name, AlertKind.Degraded,
                $"Version {record.Number} of '{record.Model}' again answers as well as at its validation, {span}.", figures,
                cancellationToken);
        }
        else
        {
            string summary = $"Version {record.Number} of '{record.Model}' answers worse {span}: {string.Join(" ", worse)}";
            if (await alerts.RaiseAsync(
                    record.Name, AlertKind.Degraded, summary, figures, policy.AlertWebhook, cancellationToken) is not null)
            {
                Log.Degraded(logger, record.Model, record.Number, summary);
            }

            if (policy.OnDegraded == DriftAction.Retrain)
            {
                string key = string.Create(CultureInfo.InvariantCulture, $"{record.Number:d6}!{window.From.ToUnixTimeSeconds()}");
                await alerts.TellAsync(
                    record.Name, AlertKind.Retrain, key, $"Retrain '{record.Model}'. {summary}", figures,
                    policy.RetrainWebhook ?? policy.AlertWebhook, cancellationToken);
            }
            else if (policy.OnDegraded == DriftAction.Rollback)
            {
                await rollBack.StartAsync(record.Name, window.From, window.To, summary, operations, cancellationToken);
            }
        }

        await TellChangesAsync(record, window, span, cancellationToken);

        // Written last: if the process dies earlier, the next run judges again and finds all alerts sent and all operations started.
        await judged.MarkAsync(
            record.Name, new JudgedWindow(window.From, window.To, worse, window.Estimated?.Verdict), cancellationToken);
    }

    /// <summary>Alerts about the kinds of drift that only labels show. Nothing else follows: degradation has its own alert.</summary>
    private async Task TellChangesAsync(
        ModelVersion record, WindowPerformance window, string span, CancellationToken cancellationToken)
    {
        foreach (WindowChange change in window.Changes)
        {
            AlertKind? kind = change.Kind switch
            {
                ChangeKind.TargetDrift => AlertKind.TargetDrift,
                ChangeKind.ConceptDrift => AlertKind.ConceptDrift,
                _ => null,
            };
            if (kind is not { } told || change.State == ChangeState.Unknown)
            {
                continue;
            }

            JsonElement figures = JsonSerializer.SerializeToElement(new { window.From, window.To, window.Labelled, Change = change },
                StoredJson.Options);
            string summary = $"Version {record.Number} of '{record.Model}', {span}: {change.Summary}";
            _ = change.State == ChangeState.Changed
                ? await alerts.RaiseAsync(record.Name, told, summary, figures, record.Manifest.Monitoring.AlertWebhook,
                    cancellationToken)
                : await alerts.ResolveAsync(record.Name, told, summary, figures, cancellationToken);
        }
    }

    /// <summary>The same for one window of the manifest's length.</summary>
    /// <param name="validation">Null: the version was validated without labels.</param>
    internal static IReadOnlyList<string> WorseIn(
        IReadOnlyDictionary<string, MetricValue> window, IReadOnlyDictionary<string, MetricInterval>? validation, Manifest manifest,
        MonitoringOptions options) =>
        Worse(window, validation ?? NoIntervals, manifest.Validation,
            options.Significance / Math.Max(1, FourWeeks / manifest.Monitoring.Window));

    /// <summary>Lists in words the metrics that are worse than at the validation or beyond the manifest's bounds; empty: none.</summary>
    /// <param name="validation">Intervals of the validation, and the counts behind them.</param>
    /// <param name="share">This window's share of the chance of a false alarm.</param>
    internal static IReadOnlyList<string> Worse(
        IReadOnlyDictionary<string, MetricValue> window, IReadOnlyDictionary<string, MetricInterval> validation, ValidationPolicy policy,
        double share)
    {
        var judged = window
            .Where(pair => pair.Key != MetricNames.CalibrationError && pair.Value.Evidence is not null)
            .OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        double tail = share / Math.Max(1, judged.Sum(pair => Questions(pair.Key)));
        List<string> worse = [];
        foreach ((string name, MetricValue value) in judged)
        {
            MetricEvidence now = value.Evidence!;
            MetricBounds? bounds = policy.Metrics.GetValueOrDefault(name);
            bool lower = MetricNames.IsLowerBetter(name);
            string figures = string.Create(
                CultureInfo.InvariantCulture, $"{name} is {value.Value:0.0000} ({value.Low:0.0000} to {value.High:0.0000})");
            if (now.IsEnough && bounds?.Min is { } min && now.Upper(tail) < min)
            {
                worse.Add(string.Create(CultureInfo.InvariantCulture, $"{figures}; the manifest requires at least {min}."));
            }
            else if (now.IsEnough && bounds?.Max is { } max && now.Lower(tail) > max)
            {
                worse.Add(string.Create(CultureInfo.InvariantCulture, $"{figures}; the manifest requires at most {max}."));
            }
            else if (validation.GetValueOrDefault(name)?.Evidence is { } before
                && MetricChange.IsWorse(before, now, lower, lower ? MetricChange.ErrorFloor : MetricChange.Floor, tail))
            {
                worse.Add(string.Create(CultureInfo.InvariantCulture, $"{figures}; at validation it was {before.Value:0.0000}."));
            }
        }

        return worse;

        int Questions(string name) =>
            (validation.GetValueOrDefault(name)?.Evidence is null ? 0 : 1)
            + (policy.Metrics.GetValueOrDefault(name) is { } bounds ? (bounds.Min is null ? 0 : 1) + (bounds.Max is null ? 0 : 1) : 0);
    }

    private static partial class Log
    {
        [LoggerMessage(7040, LogLevel.Warning, "Version {Version} of {Model} has degraded: {Summary}")]
        public static partial void Degraded(ILogger logger, ModelName model, int version, string summary);

        [LoggerMessage(7041, LogLevel.Error, "The performance of '{Model}' could not be judged; the next run tries again")]
        public static partial void Failed(ILogger logger, Exception exception, ModelName model);
    }
}
