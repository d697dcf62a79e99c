using System.Collections.Concurrent;
using Azure;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;
using Modeldrop.Storage;

namespace Modeldrop.Predictions;

/// <summary>
/// Writes packs, and retries while the store does not respond. One write at a time; its partitions are written in parallel.
/// </summary>
internal sealed partial class PackWriter(
    StorageAccount account, PredictionOptions options, TimeProvider clock, LogMeters meters, ILogger logger)
{
    /// <summary>A transaction may have 4 MiB and 100 entities; in JSON, bytes grow by a third.</summary>
    private const int MaxTransactionBytes = 2_700_000;
    private const int MaxTransactionPacks = 100;

    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly PackPlanner _planner = new(options);
    private readonly TableClient _table = account.Table(TableNames.Predictions);
    private readonly BlobContainerClient _blobs = account.Container(BlobContainers.Predictions);

    /// <summary>Writes the records that can be written.</summary>
    /// <returns>Records that could not be written: refused by the store, or too old for the log.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; some records may have been written.</exception>
    public async Task<IReadOnlyCollection<ScoredRequest>> WriteAsync(
        IReadOnlyList<ScoredRequest> records, CancellationToken cancellationToken)
    {
        var lost = new ConcurrentBag<ScoredRequest>();
        var plans = new List<List<PlannedPack>>();
        foreach (IGrouping<LogPartition, ScoredRequest> partition in records.GroupBy(record => LogPartition.Of(record.Id)))
        {
            try
            {
                plans.Add(_planner.Plan([.. partition]));
            }
            catch (Exception exception) when (exception is OverflowException or ArgumentException)
            {
                // A process boundary: a record that cannot be encoded must not stop the log.
                Log.NotEncoded(logger, partition.Count(), exception);
                AddAll(lost, partition);
            }
        }

        await Parallel.ForEachAsync(
            plans,
            new ParallelOptions { MaxDegreeOfParallelism = options.Writers, CancellationToken = cancellationToken },
            async (packs, token) => await WritePartitionAsync(packs, lost, token));
        return lost;
    }

    private async Task WritePartitionAsync(List<PlannedPack> packs, ConcurrentBag<ScoredRequest> lost, CancellationToken cancellationToken)
    {
        // Sequentially: readers rely on keys that ascend in the order of writing.
        foreach (List<PlannedPack> transaction in Transactions(packs))
        {
            if (await WriteTransactionAsync(transaction, cancellationToken))
            {
                meters.Written(CountOf(transaction), transaction.Count, transaction.Sum(pack => pack.Bytes));
            }
            else
            {
                AddAll(lost, transaction.SelectMany(pack => pack.Records));
            }
        }
    }

    private static int CountOf(List<PlannedPack> packs) => packs.Sum(pack => pack.Records.Length);

    private static void AddAll(ConcurrentBag<ScoredRequest> lost, IEnumerable<ScoredRequest> records)
    {
        foreach (ScoredRequest record in records)
        {
            lost.Add(record);
        }
    }

    private static IEnumerable<List<PlannedPack>> Transactions(List<PlannedPack> packs)
    {
        var transaction = new List<PlannedPack>();
        int bytes = 0;
        foreach (PlannedPack pack in packs)
        {
            int entityBytes = 2048 + (sizeof(uint) * pack.Records.Length) + (pack.Blob is null ? pack.Bytes : 0);
            if (transaction.Count == MaxTransactionPacks || (transaction.Count > 0 && bytes + entityBytes > MaxTransactionBytes))
            {
                yield return transaction;
                transaction = [];
                bytes = 0;
            }

            transaction.Add(pack);
            bytes += entityBytes;
        }

        yield return transaction;
    }

    private async Task<bool> WriteTransactionAsync(List<PlannedPack> packs, CancellationToken cancellationToken)
    {
        DateTimeOffset deadline = LogPartition.WritableUntil(LogPartition.Parse(packs[0].Entity.PartitionKey).Hour);
        for (TimeSpan delay = FirstRetryDelay; ; delay = delay * 2 < options.MaxRetryDelay ? delay * 2 : options.MaxRetryDelay)
        {
            if (clock.GetUtcNow() > deadline)
            {
                Log.TooOld(logger, CountOf(packs));
                return false;
            }

            try
            {
                foreach (PlannedPack pack in packs.Where(pack => pack.Blob is not null))
                {
                    await _blobs.GetBlobClient(pack.Blob!.Value.Name)
                        .UploadAsync(BinaryData.FromBytes(pack.Blob.Value.Content), overwrite: true, cancellationToken);
                }

                // Upsert: if an attempt succeeded but its answer was lost, the retry writes the same content.
                await _table.SubmitTransactionAsync(
                    packs.Select(
                        pack => new TableTransactionAction(TableTransactionActionType.UpsertReplace, pack.Entity)), cancellationToken);
                return true;
            }
            catch (RequestFailedException exception) when (exception.Status is 400 or 413)
            {
                Log.Refused(logger, CountOf(packs), exception);
                return false;
            }
            catch (Exception exception) when (IsOutage(exception) && !cancellationToken.IsCancellationRequested)
            {
                meters.Retried();
                Log.Retrying(logger, delay.TotalSeconds, exception.Message);
            }

            await Task.Delay(delay, clock, cancellationToken);
        }
    }

    /// <summary>Missing tables and rights count too: both may be added while an app is being set up.</summary>
    private static bool IsOutage(Exception exception) =>
        exception.IsStorageFailure()
            || exception is IOException or HttpRequestException or TimeoutException or OperationCanceledException
                or AuthenticationFailedException;

    private static partial class Log
    {
        [LoggerMessage(4010, LogLevel.Warning, "The prediction log cannot be written; next attempt in {Seconds} s: {Reason}")]
        public static partial void Retrying(ILogger logger, double seconds, string reason);

        [LoggerMessage(4011, LogLevel.Error, "The store refused {Records} records of the prediction log; they are lost")]
        public static partial void Refused(ILogger logger, int records, Exception exception);

        [LoggerMessage(4012, LogLevel.Error, "{Records} records of the prediction log could not be written in time; they are lost")]
        public static partial void TooOld(ILogger logger, int records);

        [LoggerMessage(4013, LogLevel.Error, "{Records} records of the prediction log could not be packed; they are lost")]
        public static partial void NotEncoded(ILogger logger, int records, Exception exception);
    }
}
