using System.Globalization;
using Modeldrop.Lifecycle.Replay;
using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Scoring.Cache;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Consequences;

/// <summary>How well a version would have done on a window of the traffic.</summary>
/// <param name="Metric">The metric that ranks the versions.</param>
/// <param name="Value">Value of <paramref name="Metric"/>; null when it could not be computed, and then <paramref name="Problem"/> says
/// why.</param>
public sealed record ComparedVersion(int Version, string Metric, double? Value, double? Low, double? High, string? Problem);

/// <summary>All versions that may serve, compared on the same rows of a window.</summary>
/// <param name="Rows">Rows that each version has scored.</param>
/// <param name="IsEstimate">Whether too few labels have arrived, so that the figures are what each version's calibration expects.</param>
/// <param name="Versions">The best version first.</param>
public sealed record WindowComparison(
    DateTimeOffset From, DateTimeOffset To, int Rows, bool IsEstimate, IReadOnlyList<ComparedVersion> Versions)
{
    /// <summary>The comparison in one sentence.</summary>
    public string Summary
    {
        get
        {
            if (Versions is not [{ Value: { } best } first, ..])
            {
                return "No version's answers on the window can be ranked.";
            }

            string estimated = IsEstimate ? ", as estimated from its calibration" : "";
            string against = Versions.Count > 1 && Versions[1] is { Value: { } next } second
                ? string.Create(CultureInfo.InvariantCulture, $", against {next:0.0000} of version {second.Version}")
                : "";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"On {Rows:N0} rows of the window version {first.Version} would have done best{estimated}: "
                    + $"{first.Metric} {best:0.0000}{against}.");
        }
    }
}

/// <summary>Replays the requests of a window of the log on all versions that may serve, in child processes.</summary>
public sealed class VersionComparison(
    RegistryService registry, VersionStore versions, VersionDownload download, ProbeService probe, PredictionStore log,
    FeedbackStore feedback)
{
    private const int MaxVersions = 5;
    private const int MaxRecords = 2_000;
    private const int LeastLabels = 100;

    /// <param name="version">The version whose logged records are replayed.</param>
    /// <returns>Null when there is no other version, or no record in the window.</returns>
    public async Task<WindowComparison?> CompareAsync(
        VersionName version, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(version.Model, cancellationToken);
        int[] candidates = [
            .. head.Versions.Where(entry => entry.Status.MayServe()).Select(entry => entry.Number)
                .OrderByDescending(one => one == version.Number)
                .ThenByDescending(one => one).Take(MaxVersions)];
        List<Prediction> records = candidates.Length < 2 ? [] : await RecordsAsync(version, from, to, cancellationToken);
        if (records.Count == 0)
        {
            return null;
        }

        List<string?> labels = await LabelsAsync(version.Model, records, cancellationToken);
        bool isEstimate = labels.Count(label => !LabelText.IsMissing(label)) < LeastLabels;
        List<ComparedVersion> compared = [];
        using WorkFolder work = probe.CreateFolder();
        foreach (int candidate in candidates)
        {
            compared.Add(await ScoreAsync(new VersionName(version.Model, candidate), work, records, labels, isEstimate, cancellationToken));
        }

        string metric = compared.FirstOrDefault(one => one.Value is not null)?.Metric ?? "";
        bool lower = MetricNames.IsLowerBetter(metric);
        return new WindowComparison(from, to, labels.Count, isEstimate,
            [.. compared.OrderBy(one => one.Value is null || one.Metric != metric).ThenBy(one => (lower ? 1 : -1) * one.Value)]);
    }

    private async Task<ComparedVersion> ScoreAsync(
        VersionName version, WorkFolder work, List<Prediction> records, List<string?> labels, bool isEstimate,
        CancellationToken cancellationToken)
    {
        string folder = work.Make($"version-{version.Number}");
        ModelVersion record = await download.ToFolderAsync(version, folder, [], cancellationToken);
        if (PredictionRule.Find(record.Inspection, record.Manifest) is not ({ } rule, _))
        {
            return Unknown(version.Number, "No rule says which of its outputs is the prediction.");
        }

        var outputs = new GrowingTensors();
        await foreach (IReadOnlyList<Prediction> chunk in RecordChunks.CutAsync(records.ToAsyncEnumerable(), cancellationToken))
        {
            foreach (ReplayedRecord answer in await RecordChunks.ReplayAsync(
                probe, folder, record, chunk, ProbePriority.Background, cancellationToken))
            {
                if (answer.Outputs is null)
                {
                    return Unknown(version.Number, $"It cannot answer the whole window: {answer.Failure}");
                }

                foreach (Tensor output in answer.Outputs.Where(output => output.Name == rule.Output || output.Name == rule.Label))
                {
                    outputs.Add(output);
                }
            }
        }

        Tensor[] all = outputs.ToTensors();
        return all.Length == 0 || all.Any(tensor => tensor.Shape[0] != labels.Count)
            ? Unknown(version.Number, "Its outputs do not have one row per row of the requests.")
            : isEstimate ? await EstimateAsync(version.Model, record, rule, all, cancellationToken)
            : Measure(record, rule, all, labels);
    }

    private static ComparedVersion Measure(ModelVersion record, PredictionRule rule, Tensor[] outputs, List<string?> labels)
    {
        ModelMetrics metrics = ModelMetrics.Compute(rule, outputs, labels);
        string? name = Array.Find([MetricNames.RocAuc, MetricNames.Accuracy, MetricNames.Mae], metrics.Values.ContainsKey);
        if (name is null || metrics.Sample is not { } sample)
        {
            return Unknown(record.Number, "No metric can be computed.");
        }

        MetricInterval? interval = MetricBootstrap.Run(sample, null, record.Digest).Candidate.GetValueOrDefault(name);
        return new ComparedVersion(record.Number, name, metrics.Values[name], interval?.Low, interval?.High, null);
    }

    private async Task<ComparedVersion> EstimateAsync(
        ModelName model, ModelVersion record, PredictionRule rule, Tensor[] outputs, CancellationToken cancellationToken)
    {
        if (await versions.FindDocumentAsync(record.Name, VersionDocuments.Calibration, cancellationToken) is not { } document
            || ModelMetrics.Unlabelled(rule, outputs).Rows is not { } rows
            || PerformanceEstimate.Of(rows, CalibrationMap.Parse(document), record.Number) is not { } estimate
            || !estimate.Values.TryGetValue(MetricNames.RocAuc, out double area))
        {
            return Unknown(record.Number, "Too few labels have arrived, and the version has no calibration for an estimate.");
        }

        MetricInterval? band = estimate.Bands.GetValueOrDefault(MetricNames.RocAuc);
        return new ComparedVersion(record.Number, MetricNames.RocAuc, area, band?.Low, band?.High, null);
    }

    private async Task<List<Prediction>> RecordsAsync(
        VersionName version, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        List<Prediction> records = [];
        await foreach (
            LogPack pack in log.ReadPacksOfEventsAsync(version.Model, version.Number, from, to, cancellationToken))
        {
            records.AddRange(
                PredictionStore.ReadRecords(pack).Where(
                    record => record.EventTime >= from && record.EventTime < to && record.Inputs is [{ Shape.Length: > 0 }, ..]));
        }

        // Takes records evenly spaced over the window.
        int step = Math.Max(1, (records.Count + MaxRecords - 1) / MaxRecords);
        return [.. records.Where((_, index) => index % step == 0)];
    }

    /// <summary>One label a row; null: not known.</summary>
    private async Task<List<string?>> LabelsAsync(ModelName model, List<Prediction> records, CancellationToken cancellationToken)
    {
        List<string?> labels = [];
        foreach (IGrouping<uint, Prediction> hour in records.GroupBy(record => record.Id.Hour))
        {
            DateTimeOffset at = DateTimeOffset.UnixEpoch.AddHours(hour.Key);
            Dictionary<PredictionId, StoredFeedback> known = await feedback.ReadAsync(
                model, at, at, null, cancellationToken);
            foreach (Prediction record in hour)
            {
                int rows = (int)record.Inputs[0].Shape[0];
                labels.AddRange(known.GetValueOrDefault(record.Id)?.LabelsOf(rows) ?? new string?[rows]);
            }
        }

        return labels;
    }

    private static ComparedVersion Unknown(int version, string problem) => new(version, "", null, null, null, problem);
}
