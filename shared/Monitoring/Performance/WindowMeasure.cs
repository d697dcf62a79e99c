using System.Globalization;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Registry;

namespace Modeldrop.Monitoring.Performance;

/// <summary>The models and data that measure a version's windows.</summary>
/// <param name="Loss">Null: the version is not a regression, or was validated on too few rows.</param>
/// <param name="Calibration">Null: the version has none.</param>
/// <param name="Baseline">Null: the version was validated without labels that could be measured.</param>
internal sealed record MeasuredVersion(
    ModelVersion Version, LossModel? Loss, CalibrationMap? Calibration, PerformanceBaseline? Baseline, IReadOnlyList<JudgedWindow> Judged);

/// <summary>Measures the rows of one window: metrics, changes, the estimate and the slices.</summary>
internal sealed class WindowMeasure(MeasuredVersion subject, AnsweredRows rows, MonitoringOptions options)
{
    /// <summary>The time within which an unchanged version is reported as changed with at most the stated chance.</summary>
    private static readonly TimeSpan FourWeeks = TimeSpan.FromDays(28);

    /// <summary>Share of scores unlike those of the validation above which an estimate may be withdrawn.</summary>
    private const double MaxOutside = 0.01;

    /// <summary>A p-value above which the labels agree with an estimate.</summary>
    private const double Agreement = 0.05;

    /// <param name="drift">The drift report of the window's hours.</param>
    /// <param name="trust">The trust in the version's estimates, with the earlier windows added.</param>
    /// <param name="withFigures">Whether to include the figures for plots.</param>
    /// <param name="maxRows">Maximum number of rows in memory.</param>
    public WindowPerformance Measure(
        DateTimeOffset from, DateTimeOffset to, DriftReport drift, EstimateTrust trust, bool withFigures, int maxRows)
    {
        ModelMetrics measured = rows.Measure();
        string seed = string.Create(CultureInfo.InvariantCulture, $"{subject.Version.Model} {subject.Version.Number} {from.UtcTicks}");
        IReadOnlyDictionary<string, MetricInterval> intervals = measured.Sample is { } sample
            ? MetricBootstrap.Run(sample, null, seed).Candidate : new Dictionary<string, MetricInterval>();
        (ClassifiedRows? all, string? unreadable) = rows.Classified();
        double tail = options.Significance * Math.Min(1, (to - from) / FourWeeks) / ChangeFinder.Kinds;
        IReadOnlyList<WindowChange> changes = new ChangeFinder(subject.Baseline, options, tail).Find(drift, measured, all);
        var window = new Window(from, to, drift, trust, tail);
        (EstimatedPerformance? estimated, string? reason) = rows.Task == ModelTask.Regression ? Expect(window, measured)
            : all is null ? (null, unreadable) : Estimate(window, all, changes.Single(change => change.Kind == ChangeKind.ConceptDrift));
        List<string> notes = [.. measured.Notes, .. NotesOf(maxRows)];
        if (reason is not null)
        {
            notes.Add($"Nothing is estimated without labels: {reason.TrimEnd('.')}.");
        }

        return new WindowPerformance(
            subject.Version.Number, from, to, rows.Rows, rows.Kept < rows.Rows ? rows.Labelled : measured.Rows,
            Values(measured.Values, intervals), notes, changes, estimated,
            rows.Groups.Count == 0 ? null : new WindowSlices(rows, measured, options.Significance, seed).Cut(all),
            withFigures ? measured.WithFigures().Figures : null);
    }

    internal static Dictionary<string, MetricValue> Values(
        IReadOnlyDictionary<string, double> values, IReadOnlyDictionary<string, MetricInterval> intervals) =>
        values.ToDictionary(pair => pair.Key, pair => intervals.TryGetValue(pair.Key, out MetricInterval? interval)
            ? new MetricValue(pair.Value, interval.Low, interval.High, interval.Evidence)
            : new MetricValue(pair.Value, null, null));

    private IEnumerable<string> NotesOf(int maxRows)
    {
        if (rows.Kept < rows.Rows)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"The metrics cover {rows.Kept:N0} of {rows.Rows:N0} rows, drawn at random: {maxRows:N0} fit into memory.");
        }

        if (rows.Misfits > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{rows.Misfits:N0} requests have labels for a different number of rows; their rows count as unlabelled.");
        }
    }

    /// <returns>Null and the reason when nothing can be estimated.</returns>
    private (EstimatedPerformance? Estimated, string? Reason) Estimate(Window window, ClassifiedRows all, WindowChange concept)
    {
        if (subject.Calibration is not { } map)
        {
            return (null, "the version has no calibration, as it was validated on fewer than 100 labelled rows with known classes and "
                + "probabilities");
        }

        if (PerformanceEstimate.Of(all, map, subject.Version.Number) is not { } estimate)
        {
            return (null, "a probability is NaN, or the model answers with a class that has no probability");
        }

        EstimateVerdict? verdict = concept.State == ChangeState.Unknown ? null
            : new EstimateVerdict(concept.State == ChangeState.Changed, concept.PValue >= Agreement, concept.Rows);
        if (verdict is not null)
        {
            window.Trust.Add(window.From, window.To, verdict);
        }

        string? withdrawn = verdict is { Refuted: true } ? concept.Summary
            : window.Trust.Reason() ?? Foreign(all, map, window.Drift, window.Tail);
        return (new EstimatedPerformance(estimate.Rows, Values(estimate.Values, estimate.Bands), withdrawn, verdict), null);
    }

    /// <summary>Estimates a regression from its loss model.</summary>
    private (EstimatedPerformance? Estimated, string? Reason) Expect(Window window, ModelMetrics measured)
    {
        if (subject.Loss is not { } loss)
        {
            return (null,
                $"the version was validated on fewer than {LossModel.LeastRows} labelled rows, so the size of its errors cannot be "
                    + "predicted");
        }

        if (rows.Losses is not { Rows: > 0 } losses || !rows.HasAllInputs)
        {
            return (null, loss.HasSkill ? "a request lacks an input that the errors depend on"
                : string.Create(CultureInfo.InvariantCulture,
                    $"the size of its errors does not depend on its inputs: at validation they explain {Math.Max(0, loss.Skill):P1}"));
        }

        EstimateVerdict? verdict = null;
        string? withdrawn = null;
        if (losses.Labelled >= options.MinimumRows && measured.Values.TryGetValue(MetricNames.Mae, out double error))
        {
            (double expected, double chance) = losses.Judge(loss, error);
            verdict = new EstimateVerdict(
                chance <= window.Tail && Math.Abs(error - expected) >= MetricChange.ErrorFloor * expected, chance >= Agreement,
                losses.Labelled);
            window.Trust.Add(window.From, window.To, verdict);
            withdrawn = !verdict.Refuted ? null : string.Create(CultureInfo.InvariantCulture,
                $"On the {losses.Labelled:N0} rows whose truth is known, mae is {error:G4}; {expected:G4} was expected: ")
                + "the outcomes for the same inputs have changed.";
        }

        (Dictionary<string, double> values, Dictionary<string, MetricInterval> bands) = losses.Estimate(loss);
        withdrawn ??= window.Trust.Reason() ?? (losses.Outside > MaxOutside * losses.Rows && ScoreRange.Tail(losses.Outside, losses.Rows,
            loss.Rows) <= window.Tail
            ? string.Create(CultureInfo.InvariantCulture,
                $"{(double)losses.Outside / losses.Rows:P1} of the answers are outside the range of the validation data.")
            : ForeignInput(window.Drift));
        return (new EstimatedPerformance((int)losses.Rows, Values(values, bands), withdrawn, verdict), null);
    }

    /// <summary>Why the window is outside the calibrated region; null when it is not.</summary>
    internal static string? Foreign(ClassifiedRows all, CalibrationMap map, DriftReport drift, double tail)
    {
        double outside = map.OutsideShare(all.Probabilities, all.Width);
        if (outside > MaxOutside
            && ScoreRange.Tail((long)Math.Round(outside * all.Rows), all.Rows, map.Rows) <= tail / map.Curves.Count)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{outside:P1} of the scores are outside the range of the validation data.");
        }

        return ForeignInput(drift);
    }

    private static string? ForeignInput(DriftReport drift)
    {
        foreach (FeatureDrift feature in drift.Features.Where(feature => !feature.IsOutput))
        {
            if (feature.Issues.FirstOrDefault(issue => issue.Kind is QualityIssueKind.OutOfRange or QualityIssueKind.Unseen) is { } issue)
            {
                string what = issue.Kind == QualityIssueKind.Unseen ? "unseen" : "out of range";
                return string.Create(CultureInfo.InvariantCulture,
                    $"Input '{feature.Name}' has left the calibrated region: {issue.Share:P1} of its values are {what}.");
            }
        }

        return null;
    }

    /// <param name="Drift">Of its hours.</param>
    /// <param name="Tail">The chance of a finding, where nothing has changed.</param>
    private sealed record Window(DateTimeOffset From, DateTimeOffset To, DriftReport Drift, EstimateTrust Trust, double Tail);
}
