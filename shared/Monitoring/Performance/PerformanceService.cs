using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Performance;

/// <summary>
/// Measures how well versions performed, from the log and the feedback: realised where there are labels, estimated where the version has a
/// calibration.
/// </summary>
/// <remarks>
/// No figure is stored, so none can become stale: a late or corrected label counts at the next read, and
/// <see cref="PerformanceQuery.AsOf"/> ignores labels that arrived later. The hourly check's results for earlier windows
/// (<see cref="JudgedWindows"/>) decide whether an estimate is still withdrawn. Reads the packs that were written since the window began,
/// and the labels of their hours.
/// </remarks>
public sealed class PerformanceService(
    RegistryStore registry,
    VersionStore versions,
    PredictionStore log,
    FeedbackStore feedback,
    DriftService drift,
    JudgedWindows judged,
    IOptions<MonitoringOptions> options)
{
    private const int MaxWindows = 1_000;

    /// <summary>Rows in memory, over all windows of a request: about 100 MB. If there are more, a random part is measured.</summary>
    public int MaxRows { get; init; } = 1_000_000;

    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.InvalidRequest"/> for an empty
    /// window or too many windows; <see cref="ErrorCode.StoreUnavailable"/>.
    /// </exception>
    public async Task<PerformanceReport> ReadAsync(ModelName model, PerformanceQuery query, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.FindHeadAsync(model, cancellationToken) ?? throw new ServiceException(ErrorCode.ModelNotFound,
            $"There is no model '{model}'.");
        if (query.Version is { } asked && head.FindVersion(asked) is null)
        {
            throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{model}' has no version {asked}.");
        }

        TimeSpan length = query.Window ?? (query.To - query.From);
        if (query.To <= query.From || length <= TimeSpan.Zero || (query.To - query.From) / length > MaxWindows)
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                $"From {query.From:O} to {query.To:O} in steps of {length} there is no window, or there are more than {MaxWindows}.");
        }

        using StorageMeter meter = StorageMeter.Start();
        var windows = new SortedDictionary<(long Window, int Version), AnsweredRows>();
        await CollectAsync(model, query, length, windows, cancellationToken);
        if (query.Slice is not null && windows.Values.SelectMany(rows => rows.Groups).FirstOrDefault(groups =>
            groups.Problem is not null) is { } wrong)
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                $"Rows cannot be sliced by {string.Join(" and ", query.Slice)}: {wrong.Problem}");
        }

        Dictionary<int, MeasuredVersion> subjects = [];
        foreach (IGrouping<int, AnsweredRows> version in windows.GroupBy(pair => pair.Key.Version, pair => pair.Value).OrderBy(version =>
            version.Key))
        {
            subjects[version.Key] = await FindAsync(
                new VersionName(model, version.Key), version.First().Loss, query, cancellationToken);
        }

        Dictionary<int, EstimateTrust> trusts = subjects.Keys.ToDictionary(version => version, _ => new EstimateTrust());
        Dictionary<int, Queue<JudgedWindow>> earlier = subjects.ToDictionary(pair => pair.Key, pair =>
            new Queue<JudgedWindow>(pair.Value.Judged));
        List<WindowPerformance> results = [];
        foreach (((long window, int version), AnsweredRows rows) in windows.Where(pair => pair.Value.Rows > 0))
        {
            DateTimeOffset from = query.From + (window * length);
            DateTimeOffset to = from + length < query.To ? from + length : query.To;
            while (earlier[version].TryPeek(out JudgedWindow? before) && before.From < from)
            {
                if (earlier[version].Dequeue().Estimate is { } verdict)
                {
                    trusts[version].Add(before.From, before.To, verdict);
                }
            }

            if (query.WrongLabels > 0)
            {
                rows.MakeWrong(query.WrongLabels);
            }

            DriftReport inputs = await drift.CompareAsync(
                new VersionName(model, version), from, to, DriftBaseline.Reference, cancellationToken);
            bool isNewest = rows.Labelled > 0 && !windows.Any(pair => pair.Key.Version == version && pair.Key.Window > window
                && pair.Value.Labelled > 0);
            results.Add(new WindowMeasure(subjects[version], rows, options.Value).Measure(from, to, inputs, trusts[version], isNewest,
                MaxRows));
        }

        return new PerformanceReport(
            model, query.From, query.To, query.AsOf, results, [.. subjects.Values.Select(subject => Baseline(subject, query))],
            options.Value.Significance, meter.Transactions);
    }

    private async Task CollectAsync(
        ModelName model,
        PerformanceQuery query,
        TimeSpan length,
        SortedDictionary<(long Window, int Version), AnsweredRows> windows,
        CancellationToken cancellationToken)
    {
        Dictionary<int, (ModelVersion Version, PredictionRule Rule, LossModel? Loss)?> readers = [];
        Dictionary<PredictionId, StoredFeedback> labels = [];
        uint? labelledHour = null;
        int kept = 0;
        await foreach (LogPack pack in log.ReadPacksOfEventsAsync(model, query.Version, query.From, query.To, cancellationToken))
        {
            if (!readers.TryGetValue(pack.Version, out (ModelVersion Version, PredictionRule Rule, LossModel? Loss)? reader))
            {
                ModelVersion version = await versions.GetAsync(pack.Name, cancellationToken);
                PredictionRule? rule = PredictionRule.Find(version.Inspection, version.Manifest).Rule;
                readers[pack.Version] = reader = rule is null ? null : (version, rule, rule.Task != ModelTask.Regression ? null
                    : await LossAsync(pack.Name, cancellationToken));
            }

            if (reader is not { } known)
            {
                continue;
            }

            if (pack.Partition.Hour != labelledHour)
            {
                // Packs are sorted by the hour of scoring, and so are labels.
                labelledHour = pack.Partition.Hour;
                DateTimeOffset hour = DateTimeOffset.UnixEpoch.AddHours(pack.Partition.Hour);
                labels = await feedback.ReadAsync(model, hour, hour, query.AsOf, cancellationToken);
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
        LogPack pack, PerformanceQuery query, TimeSpan length, (ModelVersion Version, PredictionRule Rule, LossModel? Loss) known,
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
                windows[key] = window = new AnsweredRows(
                    known.Rule, query.Slice is { } slice ? [slice] : length == query.To - query.From
                        ? known.Version.Manifest.Monitoring.Slices : [],
                    known.Version.Inspection.Signature, known.Loss);
            }

            before += window.Kept;
            PredictionId id = pack.IdOf(columns.Sequences[record]);
            window.Add(columns, record, id, labels.GetValueOrDefault(id));
            after += window.Kept;
        }

        return after - before;
    }

    private async Task<LossModel?> LossAsync(VersionName version, CancellationToken cancellationToken)
    {
        return await versions.FindDocumentAsync(version, VersionDocuments.Loss, cancellationToken) is { } document
            ? LossModel.Parse(document) : null;
    }

    private async Task<MeasuredVersion> FindAsync(
        VersionName version, LossModel? loss, PerformanceQuery query, CancellationToken cancellationToken)
    {
        async Task<byte[]?> DocumentAsync(string name)
        {
            return await versions.FindDocumentAsync(version, name, cancellationToken);
        }
        ModelVersion record = await versions.GetAsync(version, cancellationToken);
        return new MeasuredVersion(
            record,
            loss,
            await DocumentAsync(VersionDocuments.Calibration) is { } calibration ? CalibrationMap.Parse(calibration) : null,
            await DocumentAsync(VersionDocuments.Performance) is { } performance ? PerformanceBaseline.Parse(performance) : null,
            await judged.ListAsync(version, query.To, query.AsOf, cancellationToken));
    }

    private static VersionBaseline Baseline(MeasuredVersion subject, PerformanceQuery query) => new(
        subject.Version.Number,
        subject.Baseline?.Metrics.Rows ?? 0,
        subject.Baseline?.Metrics is { } metrics
            ? WindowMeasure.Values(metrics.Values, metrics.Intervals ?? new Dictionary<string, MetricInterval>())
            : new Dictionary<string, MetricValue>(),
        subject.Version.Manifest.Validation.Metrics,
        subject.Baseline?.Metrics.Figures,
        [.. subject.Judged.Where(window => window.To > query.From)]);
}
