using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Metrics.TwoSample;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Drift;

/// <summary>
/// Compares a sample of the log with a sample of the reference by means of a classifier in the child process (<see cref="TwoSampleTest"/>).
/// </summary>
public sealed partial class JointDrift(
    RegistryStore registry, VersionStore versions, JointDriftReports reports, ReferenceProfiles references, PredictionStore log,
    ProbeService probe, IOptions<MonitoringOptions> options, TimeProvider clock, ILogger<JointDrift> logger)
{
    /// <summary>Maximum number of rows from one request: more rows add little information.</summary>
    private const int MaxRowsOfRequest = 20;

    private const int MaxPacks = 5_000;

    /// <summary>Compares the latest window of every champion. A model that fails does not stop the others.</summary>
    public async Task RunAllAsync(CancellationToken cancellationToken)
    {
        foreach (ModelHead head in (await registry.ListHeadsAsync(cancellationToken)).Where(head => !head.Archived))
        {
            try
            {
                if (head.FindAlias(AliasName.Champion) is { } champion)
                {
                    await RunAsync(new VersionName(head.Name, champion.Number), null, null, cancellationToken);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception, head.Name);
            }
        }
    }

    /// <summary>Compares a window and stores the report. Safe to repeat: the same rows give the same result.</summary>
    /// <param name="from">Event time; null: the manifest's window before <paramref name="to"/>.</param>
    /// <param name="to">Null: now.</param>
    public async Task<JointDriftReport> RunAsync(
        VersionName version, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken)
    {
        ModelVersion record = await versions.GetAsync(version, cancellationToken);
        DateTimeOffset end = to ?? clock.GetUtcNow();
        JointDriftReport report = await CompareAsync(version.Model, record, from ?? end - record.Manifest.Monitoring.Window, end,
            cancellationToken);
        await reports.WriteAsync(report, cancellationToken);
        Log.Compared(logger, version.Model, version.Number, report.Summary);
        return report;
    }

    private async Task<JointDriftReport> CompareAsync(
        ModelName model, ModelVersion record, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        using StorageMeter meter = StorageMeter.Start();
        ReferenceProfile? profile = await references.FindAsync(record.Name, cancellationToken);
        byte[]? stored = await versions.FindDocumentAsync(record.Name, VersionDocuments.Sample, cancellationToken);
        double significance = profile?.Significance ?? options.Value.Significance;
        JointDriftReport Report(bool? drifted, string summary, int before, int now, int packs, TwoSampleResult? result) => new(
            model, record.Number, from, to, clock.GetUtcNow(), drifted, summary, significance, options.Value.MinimumAuc, before,
            now, packs, meter.Transactions, result);
        if (profile is null || stored is null)
        {
            return Report(null, "The version has no reference rows to compare with.", 0, 0, 0, null);
        }

        RowSample reference = RowSample.Decode(stored);
        (RowSample window, int[] requests, int packs) = await ReadWindowAsync(
            record.Name, profile, from, to, cancellationToken);
        string key = string.Create(CultureInfo.InvariantCulture, $"{model}!{record.Number}!{from:O}!{to:O}");
        int seed = unchecked((int)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key)));
        TwoSampleResult? result = window.Rows == 0 || !window.Features.SequenceEqual(reference.Features) ? null : await probe.CompareAsync(
            new TwoSampleFile(
                reference.Features,
                [.. reference.Columns.Zip(window.Columns, (before, now) => (double[])[.. before, .. now])],
                [.. Enumerable.Repeat((byte)0, reference.Rows), .. Enumerable.Repeat((byte)1, window.Rows)],
                [.. Enumerable.Range(0, reference.Rows), .. requests.Select(request => reference.Rows + request)],
                seed),
            cancellationToken);
        if (result is null)
        {
            return Report(
                null,
                $"{reference.Rows} rows of the reference and {window.Rows} of the window; half of each must be at least "
                    + $"{TwoSampleTest.MinRows} rows.",
                reference.Rows, window.Rows, packs, null);
        }

        bool drifted = result.PValue <= significance && result.Auc >= options.Value.MinimumAuc;
        string telling = result.Features.Count == 0 ? ""
            : $" They differ in {string.Join(", ", result.Features.Select(feature => feature.Name))}.";
        string verdict = drifted
            ? "The window can be distinguished from the reference"
            : "The window does not differ from the reference by enough to matter";
        string summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{verdict}: area under the curve {result.Auc:0.000} ({result.Low:0.000} to {result.High:0.000}) over {result.HeldOutRows} "
                + $"held-out rows.{(drifted ? telling : "")}");
        return Report(drifted, summary, reference.Rows, window.Rows, packs, result);
    }

    /// <summary>Selects records of the window by the hash of their ids, so that a repeated run selects the same ones.</summary>
    private async Task<(RowSample Sample, int[] Requests, int Packs)> ReadWindowAsync(
        VersionName version, ReferenceProfile profile, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        // Keeps the records with the smallest hashes so far, which samples a stream of any length.
        var sampler = new RowSampler(profile);
        var kept = new PriorityQueue<RowSample, ulong>();
        int packs = 0;
        await foreach (LogPack pack in log.ReadPacksAsync(version.Model, from, clock.GetUtcNow(), cancellationToken))
        {
            if (++packs > MaxPacks)
            {
                break;
            }

            if (pack.Version == version.Number && !pack.IsFailed)
            {
                Keep(pack, sampler, from, to, kept);
            }
        }

        return (Together(sampler, kept, out int[] requests), requests, packs);
    }

    private static void Keep(LogPack pack, RowSampler sampler, DateTimeOffset from, DateTimeOffset to, PriorityQueue<RowSample, ulong> kept)
    {
        using PackColumns columns = pack.ReadColumns();
        for (int index = 0; index < columns.Records; index++)
        {
            DateTimeOffset at = columns.EventTimeOf(index);
            ulong priority = ulong.MaxValue - XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(pack.IdOf(columns.Sequences[index]).ToString()));
            if (at < from || at >= to || (kept.Count >= RowSample.MaxRows && kept.TryPeek(out _, out ulong least) && priority <= least))
            {
                continue;
            }

            if (sampler.Sample(TensorsOf(columns.Inputs, index), TensorsOf(columns.Outputs, index), MaxRowsOfRequest) is { } rows)
            {
                kept.Enqueue(rows, priority);
                if (kept.Count > RowSample.MaxRows)
                {
                    kept.Dequeue();
                }
            }
        }
    }

    /// <summary>Combines the rows of all requests. The more requests there are, the fewer rows each contributes.</summary>
    private static RowSample Together(RowSampler sampler, PriorityQueue<RowSample, ulong> kept, out int[] requests)
    {
        RowSample[] samples = [.. kept.UnorderedItems.OrderByDescending(item => item.Priority).Select(item => item.Element)];
        int perRequest = samples.Length == 0 ? 1 : Math.Clamp(RowSample.MaxRows / samples.Length, 1, MaxRowsOfRequest);
        requests = [.. samples.SelectMany((sample, index) => Enumerable.Repeat(index, Math.Min(perRequest, sample.Rows)))];
        return new RowSample(
            sampler.Names,
            [.. sampler.Names.Select((_, column) => samples.SelectMany(sample => sample.Columns[column].Take(perRequest)).ToArray())]);
    }

    private static List<Tensor> TensorsOf(IReadOnlyList<TensorColumn> columns, int record) =>
        [.. columns.Where(column => column.ShapeOf(record).Length > 0).Select(column => column.TensorOf(record))];

    private static partial class Log
    {
        [LoggerMessage(5110, LogLevel.Information, "Joint drift of '{Model}' version {Version}: {Summary}")]
        public static partial void Compared(ILogger logger, ModelName model, int version, string summary);

        [LoggerMessage(5111, LogLevel.Error, "The joint drift of '{Model}' could not be measured; the next night tries again")]
        public static partial void Failed(ILogger logger, Exception exception, ModelName model);
    }
}
