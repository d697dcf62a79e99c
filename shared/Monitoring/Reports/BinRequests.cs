using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Predictions;

namespace Modeldrop.Monitoring.Reports;

/// <summary>A logged request with a value in the bin.</summary>
public sealed record BinRequest(PredictionId Id, DateTimeOffset EventTime, int Rows);

/// <summary>The requests found.</summary>
/// <param name="IsComplete">False when the log was read only in part.</param>
public sealed record BinRequestList(IReadOnlyList<BinRequest> Requests, bool IsComplete);

/// <summary>Finds the requests behind a bin in the prediction log.</summary>
internal sealed class BinRequests(PredictionStore log)
{
    private const int MaxRequests = 20;
    private const int MaxPacks = 500;

    /// <param name="report">Its version and window are searched.</param>
    /// <param name="label">Name of a bin. The groups of other values are found by their common name.</param>
    /// <param name="until">Records are found by the time they were received, which may be later than their event time.</param>
    public async Task<BinRequestList> FindAsync(
        DriftReport report, ReferenceFeature feature, string label, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var counter = new FeatureCounter(feature);
        bool[] wanted = [.. feature.BinLabels()
            .Select(name => name == label || (label is "(other)" or "(unseen)" && name.StartsWith(label[..^1], StringComparison.Ordinal)))];
        List<BinRequest> found = [];
        int packs = 0;
        await foreach (LogPack pack in log.ReadPacksAsync(report.Model, report.From, until, cancellationToken))
        {
            if (++packs > MaxPacks)
            {
                return new BinRequestList(found, IsComplete: false);
            }

            if (pack.Version != report.Version || pack.IsFailed)
            {
                continue;
            }

            using PackColumns columns = pack.ReadColumns();
            TensorColumn? column = (feature.Feature.IsOutput ? columns.Outputs : columns.Inputs)
                .FirstOrDefault(one => one.Name == feature.Feature.Tensor);
            for (int record = 0; column is not null && record < columns.Records && found.Count < MaxRequests; record++)
            {
                DateTimeOffset at = columns.EventTimeOf(record);
                int rows = at >= report.From && at < report.To ? RowsIn(column, record, counter, feature, wanted) : 0;
                if (rows > 0)
                {
                    found.Add(new BinRequest(pack.IdOf(columns.Sequences[record]), at, rows));
                }
            }

            if (found.Count >= MaxRequests)
            {
                return new BinRequestList(found, IsComplete: false);
            }
        }

        return new BinRequestList(found, IsComplete: true);
    }

    private static int RowsIn(TensorColumn column, int record, FeatureCounter counter, ReferenceFeature feature, bool[] wanted)
    {
        ReadOnlySpan<long> shape = column.ShapeOf(record);
        if (shape.Length == 0 || (feature.Feature.Row is null && Feature.WidthOf(shape) != feature.Feature.Width))
        {
            return 0;
        }

        FeatureCounts counts = feature.EmptyCounts();
        if (feature.Feature.Row is null)
        {
            counter.Count(column, column.Offsets[record], column.Offsets[record + 1] - column.Offsets[record], counts);
        }
        else
        {
            counter.CountRecord(column, record, counts);
        }

        return (int)counts.Bins.Where((_, bin) => wanted[bin]).Sum();
    }
}
