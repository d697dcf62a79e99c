using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Makes the first logged rows of a version its reference, if it has no reference data.</summary>
/// <remarks>
/// One request contributes at most a tenth of the rows, evenly spaced: a single batch must not become the reference for all later traffic.
/// The profile records that it came from the log, and its period. The first process writes it, once. Rows that were folded before have no
/// bins and take no part in comparisons.
/// </remarks>
public sealed partial class LoggedReference(
    PredictionStore log, VersionStore versions, ReferenceProfiles references, IOptions<MonitoringOptions> options, TimeProvider clock,
    ILogger<LoggedReference> logger)
{
    /// <summary>Minimum number of requests for a reference.</summary>
    private const int MinRequests = 10;

    /// <returns>Whether the version has a profile now.</returns>
    public async Task<bool> TrySealAsync(VersionName version, CancellationToken cancellationToken)
    {
        ModelVersion record = await versions.GetAsync(version, cancellationToken);
        List<ReferencePart> parts = [];
        DateTimeOffset from = DateTimeOffset.MaxValue;
        DateTimeOffset to = DateTimeOffset.MinValue;
        long rows = 0;
        int perRequest = Math.Max(1, options.Value.ReferenceRows / MinRequests);
        await foreach (
            LogPack pack in log.ReadPacksAsync(
                version.Model, record.RegisteredAt, clock.GetUtcNow(), cancellationToken))
        {
            if (pack.Version != version.Number || pack.IsFailed)
            {
                continue;
            }

            using PackColumns columns = pack.ReadColumns();
            for (int index = 0; index < columns.Records; index++)
            {
                rows += Math.Min(PackCounter.RowsOf(columns, index), perRequest);
                parts.Add(new ReferencePart(RowsOf(columns.Inputs, index, perRequest), RowsOf(columns.Outputs, index, perRequest)));
                DateTimeOffset at = columns.EventTimeOf(index);
                (from, to) = (at < from ? at : from, at > to ? at : to);
            }

            if (rows >= options.Value.ReferenceRows)
            {
                ReferenceProfile profile = ReferenceProfiler.Build(parts, record.Inspection.Signature, record.Manifest.Monitoring);
                if (new RowSampler(profile).Sample(parts, RowSample.MaxRows) is { } sample)
                {
                    await versions.TryWriteDocumentAsync(version, VersionDocuments.Sample, sample.Encode(), etag: null,
                        cancellationToken);
                }

                await references.TryWriteAsync(version, profile with { LoggedFrom = from, LoggedTo = to }, cancellationToken);
                Log.Sealed(logger, version.Model, version.Number, rows);
                return true;
            }
        }

        return false;
    }

    /// <summary>The rows of a record, or some of them, evenly spaced.</summary>
    private static List<Tensor> RowsOf(IReadOnlyList<TensorColumn> columns, int record, int maxRows)
    {
        List<Tensor> tensors = [];
        foreach (TensorColumn column in columns.Where(column => column.ShapeOf(record).Length > 0))
        {
            Tensor tensor = column.TensorOf(record);
            int rows = (int)tensor.Shape[0];
            tensors.Add(rows <= maxRows ? tensor
                : CategoryBins.Rows(tensor, [.. Enumerable.Range(0, maxRows).Select(row => (int)((long)row * rows / maxRows))]));
        }

        return tensors;
    }

    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Information, "The first {Rows} logged rows of '{Model}' version {Version} are now its reference")]
        public static partial void Sealed(ILogger logger, ModelName model, int version, long rows);
    }
}
