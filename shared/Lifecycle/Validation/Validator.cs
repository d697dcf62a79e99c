using Microsoft.Extensions.Options;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>A version with its files in a local folder.</summary>
public sealed record ValidationSubject(string Folder, ModelVersion Version);

/// <summary>The result of a validation.</summary>
/// <param name="Baseline">Baseline of the reference data, as the version scores them; null: not requested, no such data, or the version
/// cannot score them.</param>
/// <param name="Unprofiled">Why the reference data cannot be scored; empty if they can, or if this was not requested.</param>
public sealed record Validated(ValidationReport Report, ReferenceBaseline? Baseline, IReadOnlyList<string> Unprofiled);

/// <summary>The baseline from which drift is measured.</summary>
/// <param name="Sample">Rows of the reference data for the classifier; null: no column is suitable for it.</param>
/// <param name="Figures">Figures of scoring the reference data.</param>
public sealed record ReferenceBaseline(ReferenceProfile Profile, RowSample? Sample, ScoreFigures Figures);

/// <summary>Runs the checks of a validation. Models run only in child processes; whatever they do becomes a failed check.</summary>
public sealed class Validator(ProbeService probe, IOptions<ProbeOptions> options, TimeProvider clock)
{
    /// <summary>Validates <paramref name="candidate"/>, against <paramref name="champion"/> if there is one.</summary>
    /// <param name="profiles">Whether the reference data are profiled too.</param>
    /// <remarks>Reads both folders and writes nothing, so it may be repeated.</remarks>
    public async Task<Validated> ValidateAsync(
        ValidationSubject candidate, ValidationSubject? champion, bool profiles, CancellationToken cancellationToken)
    {
        Manifest manifest = candidate.Version.Manifest;
        string? validation = CompanionFiles.FindData(candidate.Folder, CompanionFiles.Validation);
        string? reference = CompanionFiles.FindData(candidate.Folder, CompanionFiles.Reference);
        var request = new ScoreRequest
        {
            DataFile = validation ?? reference,
            ReferenceFile = reference,
            Labels = LabelChoice.Of(manifest),
            WantsLabels = validation is not null,
            // For a regression, the size of its errors is learned from the inputs.
            WantsInputs = validation is not null
                && PredictionRule.Find(candidate.Version.Inspection, manifest).Rule?.Task == ModelTask.Regression,
            ExamplesFile = CompanionFiles.Find(candidate.Folder, CompanionFiles.Examples),
            LatencyRuns = options.Value.LatencyRuns,
            Alone = manifest.Validation.LatencyP95Ms is not null,
            ChecksBehaviour = true,
        };
        (ScoreOutcome scored, ReferenceBaseline? baseline, IReadOnlyList<string> unprofiled) =
            await ScoreAsync(candidate, request, profiles ? reference : null, cancellationToken);
        string? notScored = scored.Figures?.NotScored;
        if (notScored is not null)
        {
            scored = scored with { Figures = scored.Figures! with { Rows = 0 } };
        }

        List<ValidationCheck> checks = [await LoadAsync(candidate, scored, request, cancellationToken)];
        checks.AddRange(notScored is null ? [] : [new ValidationCheck("data", CheckVerdict.Noted,
            $"The data are profiled as inputs but not scored: {notScored}")]);
        checks.AddRange(ColumnChecks.Of(candidate.Version));
        checks.AddRange(ColumnChecks.Gaps(request.DataFile, scored.Figures));
        checks.AddRange(validation is null ? [] : ColumnChecks.Gaps(reference, baseline?.Figures));
        ModelDifference? difference = champion is null ? null : ModelDifference.Between(champion.Version, candidate.Version);
        if (champion is not null)
        {
            checks.Add(SignatureCheck(champion, candidate));
            checks.Add(DifferenceCheck(champion, difference!));
        }

        ModelMetrics? metrics = validation is not null && scored.IsScored ? Measure(candidate, scored, checks) : null;
        ScoreOutcome? theirs = champion is not null && scored.IsScored && request.DataFile is not null && notScored is null
            ? await ScoreChampionAsync(
                champion, request, candidate.Version.Inspection.Signature, scored.Figures!.LabelColumns, cancellationToken)
            : null;
        ModelMetrics? championMetrics = metrics is not null && theirs is not null
            ? MeasureChampion(champion!, theirs, manifest, checks)
            : null;
        IReadOnlyDictionary<string, MetricInterval>? differences = null;
        if (metrics?.Sample is { } sample)
        {
            (IReadOnlyDictionary<string, MetricInterval> ours, IReadOnlyDictionary<string, MetricInterval>? champions, differences) =
                MetricBootstrap.Run(sample, championMetrics?.Sample, candidate.Version.Digest);
            metrics = metrics.WithFigures() with { Intervals = ours };
            championMetrics = championMetrics is null ? null : championMetrics.WithFigures() with { Intervals = champions };
        }

        checks.AddRange(MetricChecks.Evaluate(manifest.Validation, metrics, championMetrics, champion?.Version.Number, differences));
        if (scored.Figures is { } figures)
        {
            checks.Add(await ExamplesAsync(request.ExamplesFile, scored, figures, cancellationToken));
            checks.AddRange(BehaviourChecks.Of(figures));
            checks.Add(LatencyCheck.Decide(manifest.Validation.LatencyP95Ms, figures.Latency, theirs?.Figures?.Latency));
        }

        ValidationReport report = ValidationReport.Conclude(candidate.Version.Name, champion?.Version.Number,
            checks, clock.GetUtcNow()) with
        {
            Metrics = metrics,
            Calibration = metrics?.Classified is { } rows ? CalibrationMap.Fit(rows, candidate.Version.Digest) : null,
            Loss = metrics?.Regressed is { } regressed ? LossModel.Fit(regressed, scored.Inputs, candidate.Version.Digest) : null,
            Baseline = metrics is null ? null : PerformanceBaseline.Of(metrics),
            ChampionMetrics = championMetrics,
            MetricDifferences = differences,
            Difference = difference,
            Latency = scored.Figures?.Latency,
            ChampionLatency = theirs?.Figures?.Latency,
            BatchInvariant = scored.Figures?.IsBatchInvariant,
            PeakMemoryBytes = scored.Figures?.PeakMemoryBytes,
            Environment = scored.Figures?.Environment,
        };
        return new Validated(report, baseline, unprofiled);
    }

    /// <summary>Scores the validation rows and, if they are to be profiled, the reference data in one child process.</summary>
    private async Task<(ScoreOutcome Scored, ReferenceBaseline? Baseline, IReadOnlyList<string> Unprofiled)> ScoreAsync(
        ValidationSubject candidate, ScoreRequest request, string? reference, CancellationToken cancellationToken)
    {
        bool isSame = request.DataFile == reference;
        List<ScoreRequest> scorings = [request with { WantsInputs = reference is not null && isSame }];
        if (reference is not null && !isSame)
        {
            scorings.Add(new ScoreRequest { DataFile = reference, WantsInputs = true });
        }

        using ProbeScores scores = await probe.ScoreAsync(
            candidate.Folder, scorings, candidate.Version.Inspection.Signature, cancellationToken, candidate.Version.Operation);
        if (reference is null)
        {
            return (scores.Read(0), null, []);
        }

        // Profiled first, so that memory does not hold both.
        (ReferenceBaseline? baseline, IReadOnlyList<string> unprofiled) = Profile(scores.Read(scores.Count - 1), candidate.Version);
        return (scores.Read(0), baseline, unprofiled);
    }

    private static (ReferenceBaseline? Baseline, IReadOnlyList<string> Unprofiled) Profile(ScoreOutcome scored, ModelVersion version)
    {
        if (!scored.IsScored)
        {
            return (null,
                [.. scored.Reasons.Select(reason => $"No baseline for drift, as the model cannot score its reference data: {reason}")]);
        }

        ReferenceProfile profile = ReferenceProfiler.Build(
            scored.Inputs, scored.Outputs, version.Inspection.Signature, version.Manifest.Monitoring);
        RowSample? sample = new RowSampler(profile).Sample(scored.Inputs, scored.Outputs, RowSample.MaxRows);
        return (new ReferenceBaseline(profile, sample, scored.Figures!), []);
    }

    /// <summary>When scoring fails, loading the model alone shows whether the model or the data are at fault.</summary>
    private async Task<ValidationCheck> LoadAsync(
        ValidationSubject candidate, ScoreOutcome scored, ScoreRequest request, CancellationToken cancellationToken)
    {
        if (scored.Figures is { } figures)
        {
            string scores = figures.Rows > 0 ? $" and scores {figures.Rows:N0} rows of {Path.GetFileName(request.DataFile)}" : "";
            return new ValidationCheck(
                "load", CheckVerdict.Passed, $"The model loads{scores} within {figures.PeakMemoryBytes / (1024 * 1024):N0} MiB.",
                figures.PeakMemoryBytes, options.Value.MaxMemoryBytes);
        }

        InspectionOutcome alone = await probe.InspectAsync(candidate.Folder, cancellationToken);
        return alone.IsAccepted
            ? new ValidationCheck(
                "data", CheckVerdict.Failed, "The model loads, but its data or examples cannot be scored.", Details: scored.Reasons)
            : new ValidationCheck("load", CheckVerdict.Failed, "The model cannot be loaded.", Details: alone.Reasons);
    }

    private static ValidationCheck SignatureCheck(ValidationSubject champion, ValidationSubject candidate)
    {
        SignatureCompatibility result = SignatureCompatibility.Compare(
            champion.Version.Inspection.Signature, candidate.Version.Inspection.Signature);
        string against = $"the champion's (version {champion.Version.Number})";
        return result.IsCompatible
            ? new ValidationCheck(
                "signature", CheckVerdict.Passed, $"The signature is compatible with {against}.", Details: result.Additions)
            : new ValidationCheck(
                "signature", CheckVerdict.Failed, $"The signature is incompatible with {against}.", Details: result.Breaking);
    }

    private static ModelMetrics? Measure(ValidationSubject subject, ScoreOutcome scored, List<ValidationCheck> checks)
    {
        if (scored.Labels is not { } labels)
        {
            checks.Add(new ValidationCheck("metrics", CheckVerdict.Skipped, $"No metrics: {scored.Figures!.LabelRule}"));
            return null;
        }

        (PredictionRule? rule, string? problem) = PredictionRule.Find(subject.Version.Inspection, subject.Version.Manifest);
        if (rule is null)
        {
            checks.Add(new ValidationCheck("metrics", CheckVerdict.Skipped, $"No metrics: {problem}"));
            return null;
        }

        ModelMetrics metrics = ModelMetrics.Compute(rule, scored.Outputs, labels);
        string figures = string.Join(", ", metrics.Values.Where(pair => MetricNames.All.Contains(pair.Key)).Select(
            pair => FormattableString.Invariant($"{pair.Key} {pair.Value:0.0000}")));
        checks.Add(new ValidationCheck("metrics", metrics.Values.Count > 0 ? CheckVerdict.Noted : CheckVerdict.Skipped,
            metrics.Values.Count > 0
                ? $"On {metrics.Rows:N0} labelled rows: {figures}."
                : "No metric could be computed.", Details: [$"Label: {scored.Figures!.LabelRule}", .. metrics.Notes]));
        return metrics;
    }

    /// <summary>Scores the candidate's rows with the champion, timed in the same minute.</summary>
    private Task<ScoreOutcome> ScoreChampionAsync(
        ValidationSubject champion, ScoreRequest request, Signature candidate, IReadOnlyList<string> labels,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<string>? columns = labels.Count > 0 ? labels : request.Labels.Columns;
        ScoreRequest sameRows = request with
        {
            Labels = request.Labels with { Columns = columns },
            ReferenceFile = null,
            WantsInputs = false,
            ExamplesFile = null,
            ChecksBehaviour = false,
        };
        Signature signature = champion.Version.Inspection.Signature.WithColumnsOf(candidate);
        return probe.ScoreAsync(champion.Folder, sameRows, cancellationToken, signature);
    }

    private static ModelMetrics? MeasureChampion(
        ValidationSubject champion, ScoreOutcome scored, Manifest manifest, List<ValidationCheck> checks)
    {
        (PredictionRule? rule, string? problem) = PredictionRule.Find(champion.Version.Inspection, champion.Version.Manifest);
        if (scored.Labels is { } labels && rule is not null)
        {
            return ModelMetrics.Compute(rule, scored.Outputs, labels);
        }

        if (manifest.Validation.Metrics.Count > 0)
        {
            checks.Add(
                new ValidationCheck(
                    "champion", CheckVerdict.Noted, $"The champion (version {champion.Version.Number}) cannot be measured on these rows.",
                    Details: scored.IsScored ? [problem ?? scored.Figures!.LabelRule!] : scored.Reasons));
        }

        return null;
    }

    private static async Task<ValidationCheck> ExamplesAsync(
        string? path, ScoreOutcome scored, ScoreFigures figures, CancellationToken cancellationToken)
    {
        const string Name = "golden_examples";
        if (path is null)
        {
            return new ValidationCheck(Name, CheckVerdict.Skipped, $"There is no {CompanionFiles.Examples}.");
        }

        List<string> differences = [];
        IReadOnlyList<GoldenExample> examples = await GoldenExample.ReadAsync(path, cancellationToken);
        foreach ((int index, GoldenExample example) in examples.Index())
        {
            IReadOnlyList<Tensor>? answer = index < scored.ExampleOutputs.Count ? scored.ExampleOutputs[index] : null;
            IEnumerable<string> found = answer is not null
                ? GoldenExamples.Compare(example, answer)
                : [$"it cannot be scored: {figures.ExampleFailures.ElementAtOrDefault(index) ?? "no answer"}"];
            differences.AddRange(found.Select(difference => $"Example {index}: {difference}"));
        }

        return differences.Count == 0
            ? new ValidationCheck(
                Name, CheckVerdict.Passed, $"All {examples.Count} golden examples are answered as expected.", examples.Count)
            : new ValidationCheck(
                Name, CheckVerdict.Failed,
                $"Golden examples are not answered as expected ({differences.Count} differences in {examples.Count} examples).",
                Details: [.. differences.Take(20)]);
    }

    private static ValidationCheck DifferenceCheck(ValidationSubject champion, ModelDifference difference) => new(
        "difference",
        CheckVerdict.Noted,
        difference.Changes.Count == 0
            ? $"The graph is built like the champion's (version {champion.Version.Number})."
            : $"The graph differs from the champion's (version {champion.Version.Number}).",
        Details: difference.Changes);
}
