using Azure;
using Azure.Data.Tables;
using Modeldrop.Names;
using Modeldrop.Predictions.Feedback;

namespace Modeldrop.Predictions;

public sealed partial class PredictionStore
{
    /// <summary>
    /// For labels that do not fit their logged request, returns the request's number of rows. Requests that are not in the log are left
    /// out.
    /// </summary>
    /// <remarks>
    /// One transaction for each partition of the requests, and one for each pack that contains requests, or labels, of several rows.
    /// </remarks>
    internal async Task<Dictionary<PredictionId, int>> FindMisfitsAsync(
        IReadOnlyList<FeedbackEntry> entries, CancellationToken cancellationToken)
    {
        Dictionary<PredictionId, int> misfits = [];
        foreach (IGrouping<LogPartition, FeedbackEntry> partition in entries.GroupBy(entry => LogPartition.Of(entry.Id)))
        {
            FeedbackEntry[] sorted = [.. partition.OrderBy(entry => entry.Id.Sequence)];
            string key = partition.Key.Key;
            (long least, long greatest) = (sorted[0].Id.Sequence, sorted[^1].Id.Sequence);
            string filter = TableClient.CreateQueryFilter(
                $"PartitionKey eq {key} and FirstSequence le {greatest} and LastSequence ge {least}");
            string[] columns = ["PartitionKey", "RowKey", "FirstSequence", "LastSequence", nameof(LogPack.Records), nameof(LogPack.Rows),
                nameof(LogPack.IsFailed)];
            await foreach (Page<TableEntity> page in PagesAsync(filter, null, columns, cancellationToken))
            {
                foreach (TableEntity entity in page.Values.Where(entity => entity.GetBoolean(nameof(LogPack.IsFailed)) != true))
                {
                    (long first, long last) = (entity.GetInt64("FirstSequence")!.Value, entity.GetInt64("LastSequence")!.Value);
                    FeedbackEntry[] asked = [.. sorted.SkipWhile(entry => entry.Id.Sequence < first).TakeWhile(
                        entry => entry.Id.Sequence <= last)];
                    bool hasSingleRows = entity.GetInt64(nameof(LogPack.Rows)) == entity.GetInt32(nameof(LogPack.Records));
                    var name = new PackName(entity.PartitionKey, entity.RowKey, entity.GetInt32(nameof(LogPack.Records))!.Value);
                    if (Array.Exists(asked, entry => !hasSingleRows || !entry.Fits(1))
                        && await FindPackAsync(name, cancellationToken) is { } pack)
                    {
                        AddMisfits(misfits, pack, asked);
                    }
                }
            }
        }

        return misfits;
    }

    private static void AddMisfits(Dictionary<PredictionId, int> misfits, LogPack pack, FeedbackEntry[] entries)
    {
        using PackColumns columns = pack.ReadColumns();
        foreach (FeedbackEntry entry in entries)
        {
            int record = columns.Sequences.BinarySearch(entry.Id.Sequence);
            // The output that predicts is unknown here: the labels must fit one of the outputs.
            int[] rows = record < 0 ? []
                : [.. columns.Outputs.Select(column => column.ShapeOf(record) is [var count, ..] ? (int)count : 1).Distinct()];
            if (rows.Length > 0 && !Array.Exists(rows, entry.Fits))
            {
                misfits[entry.Id] = rows.Max();
            }
        }
    }
}
