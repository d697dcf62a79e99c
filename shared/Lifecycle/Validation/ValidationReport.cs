using System.Text.Json.Serialization;
using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;
using Modeldrop.Names;
using Modeldrop.Probe;

namespace Modeldrop.Lifecycle.Validation;

public enum CheckVerdict
{
    Passed,
    Failed,

    /// <summary>There is nothing to check against; no consequences.</summary>
    Skipped,

    /// <summary>Worth knowing; no consequences.</summary>
    Noted,
}

/// <summary>One check of a validation.</summary>
/// <param name="Name">Stable name: <c>load</c>, <c>signature</c>, <c>metric.roc_auc.min</c>…</param>
/// <param name="Explanation">The result in words, with the figures.</param>
/// <param name="Figure">The measured value.</param>
/// <param name="Threshold">The value that the figure was compared with.</param>
/// <param name="Details">More details, one sentence each.</param>
public sealed record ValidationCheck(
    string Name, CheckVerdict Verdict, string Explanation, double? Figure = null, double? Threshold = null,
    IReadOnlyList<string>? Details = null);

/// <summary>The result of a validation: <c>report.json</c> of a version.</summary>
public sealed record ValidationReport
{
    public required ModelName Model { get; init; }

    public required int Version { get; init; }

    /// <summary>The version with which it was compared; null: there was no champion.</summary>
    public int? Champion { get; init; }

    /// <summary>Whether no check failed.</summary>
    public required bool IsValid { get; init; }

    /// <summary>One sentence, then one for each failed check.</summary>
    public required string Summary { get; init; }

    public required IReadOnlyList<ValidationCheck> Checks { get; init; }

    /// <summary>Metrics on the validation data; null if there were none or no metric could be computed.</summary>
    public ModelMetrics? Metrics { get; init; }

    /// <summary>The calibration, to be stored with the version for good; null if there are no probabilities or too few rows.</summary>
    [JsonIgnore]
    public CalibrationMap? Calibration { get; init; }

    /// <summary>The baseline, to be stored with the version for good; null if no metric could be computed.</summary>
    [JsonIgnore]
    public PerformanceBaseline? Baseline { get; init; }

    /// <summary>
    /// The loss model of a regression, to be stored with the version for good; null below <see cref="LossModel.LeastRows"/> labelled rows.
    /// </summary>
    [JsonIgnore]
    public LossModel? Loss { get; init; }

    /// <summary>The champion's metrics on the same rows.</summary>
    public ModelMetrics? ChampionMetrics { get; init; }

    /// <summary>By metric, the interval of this version minus the champion on the same rows, each bound at 95 %.</summary>
    public IReadOnlyDictionary<string, MetricInterval>? MetricDifferences { get; init; }

    /// <summary>Differences from the champion's graph; null: there was no champion.</summary>
    public ModelDifference? Difference { get; init; }

    public LatencyFigures? Latency { get; init; }

    /// <summary>The champion's latency on the same rows, in the same minute.</summary>
    public LatencyFigures? ChampionLatency { get; init; }

    /// <summary>Whether a row gets the same bits alone and in a batch; null: not known.</summary>
    public bool? BatchInvariant { get; init; }

    public long? PeakMemoryBytes { get; init; }

    /// <summary>The replay of the champion's logged records; null: there were none, or other checks had failed.</summary>
    public ReplayFigures? Replay { get; init; }

    /// <summary>The environment in which the figures were measured.</summary>
    public ScoringEnvironment? Environment { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The explanations of the failed checks, as written to <c>rejected.json</c>.</summary>
    public IReadOnlyList<string> Reasons() =>
        [
            .. Checks.Where(check => check.Verdict == CheckVerdict.Failed).SelectMany(
                check => (string[])[check.Explanation, .. check.Details ?? []])];

    /// <summary>Returns the report with more checks and a new verdict.</summary>
    /// <param name="prefix">Prefix of the new checks' names: existing checks with it are replaced, so that a repetition adds
    /// nothing.</param>
    public ValidationReport With(IEnumerable<ValidationCheck> more, string prefix)
    {
        ValidationCheck[] checks = [.. Checks.Where(check => !check.Name.StartsWith(prefix, StringComparison.Ordinal)), .. more];
        ValidationReport concluded = Conclude(new VersionName(Model, Version), Champion, checks, At);
        return this with { Checks = checks, IsValid = concluded.IsValid, Summary = concluded.Summary };
    }

    /// <summary>Derives the verdict from the checks.</summary>
    public static ValidationReport Conclude(
        VersionName version, int? champion, IReadOnlyList<ValidationCheck> checks, DateTimeOffset at)
    {
        List<ValidationCheck> failed = [.. checks.Where(check => check.Verdict == CheckVerdict.Failed)];
        int passed = checks.Count(check => check.Verdict == CheckVerdict.Passed);
        return new ValidationReport
        {
            Model = version.Model,
            Version = version.Number,
            Champion = champion,
            IsValid = failed.Count == 0,
            Summary = failed.Count == 0
                ? $"Version {version.Number} of '{version.Model}' is valid: {passed} checks passed."
                : $"Version {version.Number} of '{version.Model}' is refused: {failed.Count} of {failed.Count + passed} checks failed. "
                    + $"{string.Join(" ", failed.Select(check => check.Explanation))}",
            Checks = checks,
            At = at,
        };
    }
}
