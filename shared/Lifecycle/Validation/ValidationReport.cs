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

    /// <summary>Nothing to check against; harms nobody.</summary>
    Skipped,

    /// <summary>Worth knowing; decides nothing.</summary>
    Noted,
}

/// <summary>One check of a validation.</summary>
/// <param name="Name">Stable: <c>load</c>, <c>signature</c>, <c>metric.roc_auc.min</c>…</param>
/// <param name="Explanation">In words, with the figures.</param>
/// <param name="Figure">What was measured.</param>
/// <param name="Threshold">What it was compared with.</param>
/// <param name="Details">More of the same, a sentence each.</param>
public sealed record ValidationCheck(
    string Name, CheckVerdict Verdict, string Explanation, double? Figure = null, double? Threshold = null,
    IReadOnlyList<string>? Details = null);

/// <summary>The result of a validation: <c>report.json</c> of a version.</summary>
public sealed record ValidationReport
{
    public required ModelName Model { get; init; }

    public required int Version { get; init; }

    /// <summary>The version it was compared with; null: there was no champion.</summary>
    public int? Champion { get; init; }

    /// <summary>No check failed.</summary>
    public required bool IsValid { get; init; }

    /// <summary>One sentence, then one for each failed check.</summary>
    public required string Summary { get; init; }

    public required IReadOnlyList<ValidationCheck> Checks { get; init; }

    /// <summary>On the validation data; null when there were none or no metric could be computed.</summary>
    public ModelMetrics? Metrics { get; init; }

    /// <summary>To be sealed with the version; null where there are no probabilities, or too few rows.</summary>
    [JsonIgnore]
    public CalibrationMap? Calibration { get; init; }

    /// <summary>To be sealed with the version; null where no metric could be computed.</summary>
    [JsonIgnore]
    public PerformanceBaseline? Baseline { get; init; }

    /// <summary>Of a regression, to be sealed with the version; null below <see cref="LossModel.LeastRows"/> labelled rows.</summary>
    [JsonIgnore]
    public LossModel? Loss { get; init; }

    /// <summary>The champion's on the same rows.</summary>
    public ModelMetrics? ChampionMetrics { get; init; }

    /// <summary>By metric, where this version minus the champion lies on the same rows, each bound at 95 %.</summary>
    public IReadOnlyDictionary<string, MetricInterval>? MetricDifferences { get; init; }

    /// <summary>What has changed from the champion's graph; null: there was none.</summary>
    public ModelDifference? Difference { get; init; }

    public LatencyFigures? Latency { get; init; }

    /// <summary>The champion's on the same rows, in the same minute.</summary>
    public LatencyFigures? ChampionLatency { get; init; }

    /// <summary>Whether a row gets the same bits alone and among others; null: not known.</summary>
    public bool? BatchInvariant { get; init; }

    public long? PeakMemoryBytes { get; init; }

    /// <summary>The champion's logged records, scored again; null: there were none, or other checks had failed.</summary>
    public ReplayFigures? Replay { get; init; }

    /// <summary>What the figures were made with.</summary>
    public ScoringEnvironment? Environment { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The explanations of the failed checks: what goes into <c>rejected.json</c>.</summary>
    public IReadOnlyList<string> Reasons() =>
        [
            .. Checks.Where(check => check.Verdict == CheckVerdict.Failed).SelectMany(
                check => (string[])[check.Explanation, .. check.Details ?? []])];

    /// <summary>The same with more checks, and the verdict drawn again.</summary>
    /// <param name="prefix">Of their names: those that a repetition finds are replaced.</param>
    public ValidationReport With(IEnumerable<ValidationCheck> more, string prefix)
    {
        ValidationCheck[] checks = [.. Checks.Where(check => !check.Name.StartsWith(prefix, StringComparison.Ordinal)), .. more];
        ValidationReport concluded = Conclude(new VersionName(Model, Version), Champion, checks, At);
        return this with { Checks = checks, IsValid = concluded.IsValid, Summary = concluded.Summary };
    }

    /// <summary>Draws the verdict from the checks.</summary>
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
