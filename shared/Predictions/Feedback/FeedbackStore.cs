using System.Globalization;
using System.Text.Json;
using Azure.Data.Tables;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Predictions.Feedback;

/// <summary>
/// Labels of predictions, in the table <c>Feedback</c>: one partition per model and hour of scoring, one row per entry, never changed.
/// </summary>
/// <remarks>
/// A label may arrive before its prediction is visible, weeks late, row by row or twice, and it may be corrected. The latest entry counts,
/// and the state at any earlier instant stays available. Labels of single rows are combined when they are read, so that concurrent entries
/// are not lost. Thread-safe; every call may be repeated. Throws <see cref="Errors.ErrorCode.StoreUnavailable"/>.
/// </remarks>
public sealed class FeedbackStore(StorageAccount account, TimeProvider clock)
{
    private const string What = "the feedback";
    private const int MaxRowsPerTransaction = 100;

    private readonly TableClient _table = account.Table(TableNames.Feedback);

    /// <summary>Stores the entries that contain something new.</summary>
    /// <returns>The number of lines stored, and of lines already known.</returns>
    public async Task<(int Stored, int Unchanged)> WriteAsync(
        IReadOnlyList<FeedbackEntry> entries, string actor, CancellationToken cancellationToken)
    {
        int stored = 0;
        foreach (IGrouping<string, FeedbackEntry> partition in entries.GroupBy(entry => PartitionOf(entry.Id)))
        {
            // Of several entries for a prediction in one request, the last counts. Sorted by row key, so that a transaction covers adjacent
            // rows.
            IEnumerable<FeedbackEntry> latest = partition.GroupBy(entry => entry.Id).Select(same => same.Last())
                .OrderBy(entry => PrefixOf(entry.Id), StringComparer.Ordinal);
            foreach (FeedbackEntry[] some in latest.Chunk(MaxRowsPerTransaction))
            {
                stored += await TryAddAsync(partition.Key, some, actor, cancellationToken)
                    ? some.Sum(entry => entry.Lines)
                    : await AddNewsAsync(partition.Key, some, actor, cancellationToken);
            }
        }

        return (stored, entries.Sum(entry => entry.Lines) - stored);
    }

    /// <summary>Stores entries as the first of their predictions, as most are. Reads nothing.</summary>
    private async Task<bool> TryAddAsync(
        string partition, FeedbackEntry[] entries, string actor, CancellationToken cancellationToken)
    {
        return await StoreCall.RunAsync(What, async () =>
        {
            try
            {
                await _table.SubmitTransactionAsync(
                    entries.Select(
                        entry => new TableTransactionAction(
                            TableTransactionActionType.Add, Row(partition, entry, isFirst: true, actor))), cancellationToken);
                return true;
            }
            catch (TableTransactionFailedException exception) when (exception.Status == 409)
            {
                return false;
            }
        });
    }

    /// <summary>Stores the entries that contain something new.</summary>
    private async Task<int> AddNewsAsync(
        string partition, FeedbackEntry[] entries, string actor, CancellationToken cancellationToken)
    {
        Dictionary<PredictionId, StoredFeedback> known = await LatestAsync(partition, entries, cancellationToken);
        FeedbackEntry[] news = [.. entries.Where(
            entry => !known.TryGetValue(entry.Id, out StoredFeedback? before) || IsNew(before, entry))];
        if (news.Length > 0)
        {
            await StoreCall.RunAsync(What, () => _table.SubmitTransactionAsync(
                news.Select(
                    entry => new TableTransactionAction(
                        TableTransactionActionType.UpsertReplace,
                        Row(partition, entry, isFirst: !known.ContainsKey(entry.Id), actor))), cancellationToken));
        }

        return news.Sum(entry => entry.Lines);
    }

    private static bool IsNew(StoredFeedback before, FeedbackEntry entry)
    {
        StoredFeedback after = before.Then(before with { Labels = entry.Labels, IsWhole = entry.IsWhole });
        return after.IsWhole != before.IsWhole || !after.Labels.SequenceEqual(before.Labels);
    }

    /// <summary>Lists all entries of a prediction, oldest first. One transaction.</summary>
    public Task<List<StoredFeedback>> ListAsync(PredictionId id, CancellationToken cancellationToken) =>
        RowsAsync(PartitionOf(id), PartitionOf(id), PrefixOf(id), PrefixOf(id) + "~", cancellationToken)
            .ToListAsync(cancellationToken).AsTask();

    /// <summary>Returns the labels of all predictions that a model scored in an interval of whole hours.</summary>
    /// <param name="asOf">The state at that instant; null: now.</param>
    public async Task<Dictionary<PredictionId, StoredFeedback>> ReadAsync(
        ModelName model, DateTimeOffset from, DateTimeOffset to, DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        uint hash = PredictionId.HashOf(model);
        IAsyncEnumerable<StoredFeedback> rows = RowsAsync(
            LogPartition.KeyFrom(hash, PredictionId.HourOf(from)), LogPartition
                .KeyFrom(hash, PredictionId.HourOf(to)), null, null, cancellationToken);
        return await LatestAsync(asOf is { } instant ? rows.Where(row => row.ReceivedAt <= instant) : rows, cancellationToken);
    }

    /// <summary>Deletes the labels of predictions that were scored before an instant.</summary>
    public async Task<int> DeleteBeforeAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        uint horizon = PredictionId.HourOf(instant);
        int deleted = 0;
        await foreach (TableEntity row in StoreCall.EnumerateAsync(
            What, _table.QueryAsync<TableEntity>(
                select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken), cancellationToken))
        {
            if (uint.Parse(row.PartitionKey.AsSpan(8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture) < horizon)
            {
                await StoreCall.RunAsync(
                    What, () => _table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellationToken));
                deleted++;
            }
        }

        return deleted;
    }

    private async Task<Dictionary<PredictionId, StoredFeedback>> LatestAsync(
        string partition, FeedbackEntry[] entries, CancellationToken cancellationToken)
    {
        HashSet<PredictionId> wanted = [.. entries.Select(entry => entry.Id)];
        IAsyncEnumerable<StoredFeedback> rows = RowsAsync(
            partition, partition, PrefixOf(entries[0].Id), PrefixOf(entries[^1].Id) + "~", cancellationToken);
        return await LatestAsync(rows.Where(row => wanted.Contains(row.Id)), cancellationToken);
    }

    private static async Task<Dictionary<PredictionId, StoredFeedback>> LatestAsync(
        IAsyncEnumerable<StoredFeedback> rows, CancellationToken cancellationToken)
    {
        Dictionary<PredictionId, StoredFeedback> latest = [];
        await foreach (StoredFeedback row in rows.WithCancellation(cancellationToken))
        {
            // Rows of a prediction ascend by the time at which they were received.
            latest[row.Id] = latest.TryGetValue(row.Id, out StoredFeedback? before) ? before.Then(row) : row;
        }

        return latest;
    }

    private async IAsyncEnumerable<StoredFeedback> RowsAsync(
        string fromPartition,
        string toPartition,
        string? fromRow,
        string? toRow,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey ge {fromPartition} and PartitionKey le {toPartition}");
        filter = fromRow is null ? filter : $"{filter} and {TableClient.CreateQueryFilter($"RowKey ge {fromRow} and RowKey lt {toRow}")}";
        await foreach (TableEntity row in StoreCall.EnumerateAsync(
                What, _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken), cancellationToken))
        {
            yield return Read(row);
        }
    }

    private static StoredFeedback Read(TableEntity row)
    {
        LogPartition partition = LogPartition.Parse(row.PartitionKey + row.RowKey[..8]);
        uint sequence = uint.Parse(row.RowKey.AsSpan(8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return new StoredFeedback(
            new PredictionId(partition.ModelHash, partition.Hour, partition.Writer, sequence),
            JsonSerializer.Deserialize<string?[]>(row.GetString("Labels"))!,
            row.GetBoolean("IsWhole")!.Value,
            row.GetDateTimeOffset("ReceivedAt")!.Value,
            row.GetString("Actor"));
    }

    /// <param name="isFirst">The key of a prediction's first entry depends only on its id; that of a correction includes its time.</param>
    private TableEntity Row(string partition, FeedbackEntry entry, bool isFirst, string actor)
    {
        DateTimeOffset now = clock.GetUtcNow();
        return new TableEntity(partition, isFirst ? PrefixOf(entry.Id) : $"{PrefixOf(entry.Id)}{now.UtcTicks:x16}")
        {
            ["Labels"] = JsonSerializer.Serialize(entry.Labels),
            ["IsWhole"] = entry.IsWhole,
            ["Actor"] = actor,
            ["ReceivedAt"] = now,
        };
    }

    private static string PartitionOf(PredictionId id) => LogPartition.KeyFrom(id.ModelHash, id.Hour);

    private static string PrefixOf(PredictionId id) => $"{id.Writer:x8}{id.Sequence:x8}!";
}
