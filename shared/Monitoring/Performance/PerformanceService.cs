using System.Globalization;
using Modeldrop.Errors;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;

namespace Modeldrop.Monitoring.Performance;

/// <summary>How right versions were, from the log and the feedback: realised where there are labels, estimated where the version has a calibration.</summary>
/// <remarks>
/// Nothing is stored, so nothing can be stale: a label that comes late or is corrected counts from the next look on, and <see cref="PerformanceQuery.AsOf"/> takes back what came later. Costs the packs that were
/// written since the window began, and the labels of their hours.
/// </remarks>
public sealed class PerformanceService(RegistryStore registry, VersionStore versions, PredictionStore log, FeedbackStore feedback, DriftService drift)
{
    private const int MaxWindows = 1_000;
    private const int MaxSlices = 50;

    /// <summary>From here on scores are too often unlike those of the validation.</summary>
    private const double MaxOutside = 0.01;

    /// <summary>Rows in memory, of all windows of a look: about 100 MB. Of more a random part is measured.</summary>
    public int MaxRows { get; init; } = 1_000_000;

    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.InvalidRequest"/> for a window
    /// that is empty, or too many; <see cref="ErrorCode.StoreUnavailable"/>.
    /// </exception>
    public async Task<PerformanceReport> ReadAsync(ModelName model, PerformanceQuery query, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.FindHeadAsync(model, cancellationToken) ?? throw new ServiceException(ErrorCode.ModelNotFound, $"There is no model '{model}'.");
        if (query.Version is { } asked && head.FindVersion(asked) is null)
        {
            throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{model}' has no version {asked}.");
        }

        TimeSpan length = query.Window ?? (query.To - query.From);
        if (query.To <= query.From || length <= TimeSpan.Zero || (query.To - query.From) / length > MaxWindows)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"From {query.From:O} to {query.To:O} in steps of {length} are none, or more than {MaxWindows} windows.");
        }

        var meter = new StorageMeter();
        var windows = new SortedDictionary<(long Window, int Version), AnsweredRows>();
        await CollectAsync(model, query, length, windows, meter, cancellationToken);
        Dictionary<int, CalibrationMap?> maps = [];
        foreach (int version in windows.Keys.Select(key => key.Version).Distinct())
        {
            meter.Count();
            maps[version] = await versions.FindDocumentAsync(model, version, VersionDocuments.Calibration, cancellationToken) is { } document ? CalibrationMap.Parse(document) : null;
        }

        List<WindowPerformance> results = [];
        foreach (((long window, int version), AnsweredRows rows) in windows.Where(pair => pair.Value.Rows > 0))
        {
            DateTimeOffset from = query.From + (window * length);
            DateTimeOffset to = from + length < query.To ? from + length : query.To;
            results.Add(await MeasureAsync(model, version, from, to, rows, maps[version], query.Slice is not null, meter, cancellationToken));
        }

        return new PerformanceReport(model.Value, query.From, query.To, query.AsOf, results, meter.Transactions);
    }

    private async Task CollectAsync(
        ModelName model, PerformanceQuery query, TimeSpan length, SortedDictionary<(long Window, int Version), AnsweredRows> windows, StorageMeter meter, CancellationToken cancellationToken)
    {
        Dictionary<int, (ModelVersion Version, PredictionRule Rule)?> readers = [];
        Dictionary<PredictionId, StoredFeedback> labels = [];
        uint? labelledHour = null;
        int kept = 0;
        await foreach (LogPack pack in log.ReadPacksOfEventsAsync(model, query.Version, query.From, query.To, meter, cancellationToken))
        {
            if (!readers.TryGetValue(pack.Version, out (ModelVersion Version, PredictionRule Rule)? reader))
            {
                meter.Count();
                ModelVersion version = await versions.GetAsync(model, pack.Version, cancellationToken);
                readers[pack.Version] = reader = PredictionRule.Find(version.Inspection, version.Manifest).Rule is { } rule ? (version, rule) : null;
            }

            if (reader is not { } known)
            {
                continue;
            }

            if (pack.Partition.Hour != labelledHour)
            {
                // Packs come by the hour of scoring, and so do labels.
                labelledHour = pack.Partition.Hour;
                DateTimeOffset hour = DateTimeOffset.UnixEpoch.AddHours(pack.Partition.Hour);
                labels = await feedback.ReadAsync(model, hour, hour, query.AsOf, meter, cancellationToken);
            }

            kept += Collect(pack, query, length, known, labels, windows);
            while (kept > MaxRows)
            {
                AnsweredRows largest = windows.Values.MaxBy(window => window.Kept)!;
                kept -= largest.Kept;
                largest.Thin();
                kept += largest.Kept;
            }
        }
    }

    private static int Collect(
        LogPack pack, PerformanceQuery query, TimeSpan length, (ModelVersion Version, PredictionRule Rule) known,
        Dictionary<PredictionId, StoredFeedback> labels, SortedDictionary<(long Window, int Version), AnsweredRows> windows)
    {
        using PackColumns columns = pack.ReadColumns();
        int before = 0;
        int after = 0;
        for (int record = 0; record < columns.Records; record++)
        {
            DateTimeOffset at = columns.EventTimeOf(record);
            if (at < query.From || at >= query.To)
            {
                continue;
            }

            (long Window, int Version) key = ((at - query.From).Ticks / length.Ticks, pack.Version);
            if (!windows.TryGetValue(key, out AnsweredRows? window))
            {
                windows[key] = window = new AnsweredRows(known.Version, known.Rule, query.Slice);
            }

            before += window.Kept;
            PredictionId id = pack.IdOf(columns.Sequences[record]);
            window.Add(columns, record, id, labels.GetValueOrDefault(id));
            after += window.Kept;
        }

        return after - before;
    }

    private async Task<WindowPerformance> MeasureAsync(
        ModelName model, int version, DateTimeOffset from, DateTimeOffset to, AnsweredRows rows, CalibrationMap? map, bool bySlice, StorageMeter meter, CancellationToken cancellationToken)
    {
        ModelMetrics measured = rows.Measure();
        string seed = string.Create(CultureInfo.InvariantCulture, $"{model} {version} {from.UtcTicks}");
        IReadOnlyDictionary<string, MetricInterval> intervals = measured.Sample is { } sample ? MetricBootstrap.Run(sample, null, seed).Candidate : new Dictionary<string, MetricInterval>();
        IReadOnlyList<PerformanceSlice>? slices = bySlice
            ? [.. Enumerable.Range(0, rows.Kept).Where(rows.IsLabelled).GroupBy(row => rows.Slices[row])
                .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
                .Take(MaxSlices).Select(group => Slice(rows, group.Key, group.ToHashSet(), seed))]
            : null;
        List<string> notes = [.. measured.Notes];
        if (rows.Kept < rows.Rows)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"The metrics are of {rows.Kept:N0} of {rows.Rows:N0} rows, drawn at random: {MaxRows:N0} fit into memory."));
        }

        if (rows.Misfits > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{rows.Misfits:N0} requests have labels for another number of rows than they have; their rows count as without a label."));
        }

        (EstimatedPerformance? estimated, string? reason) = await EstimateAsync(
            model, version, from, to, rows, measured, map, meter, cancellationToken);
        if (reason is not null)
        {
            notes.Add($"Nothing is estimated without labels: {reason.TrimEnd('.')}.");
        }

        return new WindowPerformance(
            version, from, to, rows.Rows, rows.Kept < rows.Rows ? rows.Labelled
                : measured.Rows, Values(measured.Values, intervals), notes, estimated, slices);
    }

    private static PerformanceSlice Slice(AnsweredRows rows, string value, HashSet<int> members, string seed)
    {
        ModelMetrics measured = rows.Measure(members.Contains);
        IReadOnlyDictionary<string, MetricInterval> intervals = measured.Sample is { } sample ? MetricBootstrap.Run(sample, null, $"{seed} {value}").Candidate : new Dictionary<string, MetricInterval>();
        return new PerformanceSlice(value, measured.Rows, Values(measured.Values, intervals));
    }

    /// <returns>Null with the reason for a classifier; null without one for a regression.</returns>
    private async Task<(EstimatedPerformance? Estimated, string? Reason)> EstimateAsync(
        ModelName model, int version, DateTimeOffset from, DateTimeOffset to, AnsweredRows rows, ModelMetrics measured, CalibrationMap? map, StorageMeter meter, CancellationToken cancellationToken)
    {
        (ClassifiedRows? classified, string? reason) = rows.Classified();
        if (classified is not { } all || map is null)
        {
            return (null, reason ?? (rows.IsClassifier
                ? "the version has no calibration, as it was validated on fewer than 100 labelled rows with known classes and probabilities" : null));
        }

        return PerformanceEstimate.Of(all, map, version) is { } estimate
            ? (new EstimatedPerformance(estimate.Rows, Values(estimate.Values, estimate.Bands),
                await DoubtAsync(model, version, from, to, all, measured, map, meter, cancellationToken)), null)
            : (null, "a probability is NaN, or the model answers a class that has no probability");
    }

    /// <summary>Why an estimate is not to be believed; null when nothing speaks against it.</summary>
    private async Task<string?> DoubtAsync(
        ModelName model, int version, DateTimeOffset from, DateTimeOffset to, ClassifiedRows all, ModelMetrics measured, CalibrationMap map, StorageMeter meter, CancellationToken cancellationToken)
    {
        double outside = map.OutsideShare(all.Probabilities, all.Width);
        if (outside > MaxOutside)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{outside:P1} of the scores are beyond all that the validation data had.");
        }

        DriftReport inputs = await drift.CompareAsync(model, version, from, to, DriftBaseline.Reference, cancellationToken);
        meter.Add(inputs.Transactions);
        if (inputs.Features.FirstOrDefault(feature => !feature.IsOutput && feature.Issues.Any(issue => issue.Kind is QualityIssueKind.OutOfRange or QualityIssueKind.Unseen)) is { } foreign)
        {
            QualityIssue issue = foreign.Issues.First(issue => issue.Kind is QualityIssueKind.OutOfRange or QualityIssueKind.Unseen);
            return string.Create(CultureInfo.InvariantCulture, $"Input '{foreign.Name}' has left the calibrated region: {issue.Share:P1} of its values are {(issue.Kind == QualityIssueKind.Unseen ? "unseen" : "out of range")}.");
        }

        // On the rows whose truth has come: would the estimate have been right for them?
        if (measured.Classified is { } labelled && PerformanceEstimate.Of(labelled with { Truth = null }, map, version) is { } ofLabelled)
        {
            foreach (string name in (string[])[MetricNames.Accuracy, MetricNames.RocAuc])
            {
                if (measured.Values.TryGetValue(name, out double realised) && ofLabelled.Bands.TryGetValue(name, out MetricInterval? band) && Disagrees(realised, band))
                {
                    return string.Create(CultureInfo.InvariantCulture,
                        $"On the {measured.Rows} rows whose truth is known, {name} is {realised:0.0000}; {band.Low:0.0000} to {band.High:0.0000} was expected: what follows from the inputs has changed.");
                }
            }
        }

        return null;
    }

    /// <summary>Clearly beyond the band: half of its width further out, which for a normal figure is about four standard errors.</summary>
    private static bool Disagrees(double realised, MetricInterval band)
    {
        double margin = (band.High - band.Low) / 2;
        return realised < band.Low - margin || realised > band.High + margin;
    }

    private static Dictionary<string, MetricValue> Values(
        IReadOnlyDictionary<string, double> values, IReadOnlyDictionary<string, MetricInterval> intervals) =>
        values.ToDictionary(pair => pair.Key, pair => intervals.TryGetValue(pair.Key, out MetricInterval? interval)
            ? new MetricValue(pair.Value, interval.Low, interval.High, interval.Evidence)
            : new MetricValue(pair.Value, null, null));
}
