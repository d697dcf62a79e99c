using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Predictions;

/// <summary>Reads the prediction log.</summary>
public sealed partial class PredictionStore(StorageAccount account)
{
    /// <summary>A whole page is in memory. The account limits a page to 4 MiB; the emulator does not.</summary>
    private const int PacksPerPage = 50;

    private const string What = "the prediction log";

    private readonly TableClient _table = account.Table(TableNames.Predictions);
    private readonly BlobContainerClient _blobs = account.Container(BlobContainers.Predictions);

    /// <summary>The record with that id; null when it is not (or not yet) written.</summary>
    /// <remarks>
    /// One storage transaction when the writer scored one version at that moment, two when it scored several, three for a record that was
    /// packed after later ones; one more for a record in its own blob.
    /// </remarks>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<Prediction?> FindAsync(PredictionId id, CancellationToken cancellationToken)
    {
        LogPack? first = null;
        // A page of one: the store stops at the first pack whose range contains the sequence, instead of scanning the hour.
        await foreach (LogPack pack in QueryAsync(RangeFilter(id, $"{id.Sequence:x8}", "g"), maxPerPage: 1, cancellationToken))
        {
            if (ReadRecord(pack, id) is { } prediction)
            {
                return prediction;
            }

            first = pack;
            break;
        }

        if (first is null)
        {
            return null;
        }

        string endOfFlush = PackPlanner.EndOfFlush(first.RowKey);
        string[] bounds = [first.RowKey + "0", endOfFlush, "g"];
        for (int range = 0; range < 2; range++)
        {
            await foreach (
                LogPack pack in QueryAsync(RangeFilter(id, bounds[range], bounds[range + 1]), maxPerPage: null, cancellationToken))
            {
                if (ReadRecord(pack, id) is { } prediction)
                {
                    return prediction;
                }
            }
        }

        return null;
    }

    /// <summary>The record with that id.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.PredictionNotFound"/>; <see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<Prediction> GetAsync(PredictionId id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken)
        ?? throw new ServiceException(
            ErrorCode.PredictionNotFound, $"There is no prediction '{id}' in the log (a record appears within about a second).");

    /// <summary>
    /// Packs of a model by the hour of scoring, from the hour of <paramref name="from"/> through the hour of <paramref name="to"/>.
    /// </summary>
    /// <remarks>The caller must check the records' own times.</remarks>
    public async IAsyncEnumerable<LogPack> ReadPacksAsync(
        ModelName model, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        uint hash = PredictionId.HashOf(model);
        string low = LogPartition.KeyFrom(hash, PredictionId.HourOf(from));
        string high = LogPartition.KeyFrom(hash, PredictionId.HourOf(to)) + "g";
        string name = model.Value;
        string filter = TableClient.CreateQueryFilter($"PartitionKey ge {low} and PartitionKey lt {high} and Model eq {name}");
        await foreach (LogPack pack in QueryAsync(filter, PacksPerPage, cancellationToken))
        {
            yield return pack;
        }
    }

    /// <summary>
    /// Packs of answered requests with a record whose event time is from <paramref name="from"/> to before <paramref name="to"/>, by the
    /// hour of scoring.
    /// </summary>
    /// <param name="version">Null: all versions.</param>
    /// <remarks>
    /// An event is never scored before it happens, so hours of scoring before the window are not read. The account filters out packs
    /// without a record in the window; the caller must check the records' own times.
    /// </remarks>
    public async IAsyncEnumerable<LogPack> ReadPacksOfEventsAsync(
        ModelName model, int? version, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        uint hash = PredictionId.HashOf(model);
        string low = LogPartition.KeyFrom(hash, PredictionId.HourOf(from));
        string high = LogPartition.KeyAbove(hash);
        string name = model.Value;
        long first = from.ToUnixTimeMilliseconds();
        long last = to.ToUnixTimeMilliseconds();
        string partitions = TableClient.CreateQueryFilter($"PartitionKey ge {low} and PartitionKey lt {high} and Model eq {name}");
        string filter = partitions + TableClient.CreateQueryFilter($" and MaxEventTimeMs ge {first} and MinEventTimeMs le {last}");
        filter = version is { } number ? $"{filter} and {TableClient.CreateQueryFilter($"Version eq {number}")}" : filter;
        await foreach (LogPack pack in QueryAsync(filter, PacksPerPage, cancellationToken))
        {
            if (!pack.IsFailed)
            {
                yield return pack;
            }
        }
    }

    /// <summary>
    /// Lists the packs of answered requests of a version, by the hour of scoring, without their records; unordered within one window.
    /// </summary>
    public async IAsyncEnumerable<PackName> ListPacksAsync(
        VersionName version, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        uint hash = PredictionId.HashOf(version.Model);
        string low = LogPartition.KeyFrom(hash, PredictionId.HourOf(from));
        string high = LogPartition.KeyFrom(hash, PredictionId.HourOf(to)) + "g";
        string name = version.Model.Value;
        string filter = TableClient.CreateQueryFilter(
            $"PartitionKey ge {low} and PartitionKey lt {high} and Model eq {name} and Version eq {version.Number}");
        await foreach (Page<TableEntity> page in PagesAsync(
                filter, null, ["PartitionKey", "RowKey", nameof(LogPack.Records), nameof(LogPack.IsFailed)], cancellationToken))
        {
            foreach (TableEntity entity in page.Values)
            {
                if (entity.GetBoolean(nameof(LogPack.IsFailed)) == true)
                {
                    continue;
                }

                yield return new PackName(entity.PartitionKey, entity.RowKey, entity.GetInt32(nameof(LogPack.Records))!.Value);
            }
        }
    }

    /// <summary>The pack with that name; null when it no longer exists. One transaction, one more for a pack in a blob.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<LogPack?> FindPackAsync(PackName name, CancellationToken cancellationToken)
    {
        TableEntity? entity = await StoreCall.RunAsync(What, async () =>
        {
            NullableResponse<TableEntity> found = await _table.GetEntityIfExistsAsync<TableEntity>(
                name.Partition, name.Row, cancellationToken: cancellationToken);
            return found.HasValue ? found.Value : null;
        });
        return entity is null ? null : await ReadPackAsync(entity, cancellationToken);
    }

    /// <summary>The records of a pack, one by one.</summary>
    public static IReadOnlyList<Prediction> ReadRecords(LogPack pack)
    {
        using PackColumns columns = pack.ReadColumns();
        return [.. Enumerable.Range(0, columns.Records).Select(record => ToPrediction(pack, columns, record))];
    }

    /// <summary>
    /// The next partition of a model after <paramref name="after"/>, from <paramref name="fromHour"/> on; null after the last. One
    /// transaction.
    /// </summary>
    public async Task<LogPartition?> FindNextPartitionAsync(
        uint modelHash, uint fromHour, LogPartition? after, CancellationToken cancellationToken)
    {
        string low = after?.Key ?? LogPartition.KeyFrom(modelHash, fromHour);
        string high = LogPartition.KeyAbove(modelHash);
        string filter = TableClient.CreateQueryFilter($"PartitionKey gt {low} and PartitionKey lt {high}");
        await foreach (Page<TableEntity> page in PagesAsync(filter, 1, ["PartitionKey"], cancellationToken))
        {
            if (page.Values.Count > 0)
            {
                return LogPartition.Parse(page.Values[0].PartitionKey);
            }
        }

        return null;
    }

    /// <summary>
    /// Packs of a partition, of any model, after the row key <paramref name="after"/> and, if given, through <paramref name="through"/>.
    /// </summary>
    public IAsyncEnumerable<LogPack> ReadPacksAsync(
        LogPartition partition, string? after, string? through, CancellationToken cancellationToken)
    {
        string key = partition.Key;
        string low = after ?? "";
        string filter = through is null
            ? TableClient.CreateQueryFilter($"PartitionKey eq {key} and RowKey gt {low}")
            : TableClient.CreateQueryFilter($"PartitionKey eq {key} and RowKey gt {low} and RowKey le {through}");
        return QueryAsync(filter, PacksPerPage, cancellationToken);
    }

    /// <summary>
    /// Packs whose range of sequences contains the id's, with row keys from <paramref name="from"/> up to but not including
    /// <paramref name="below"/>.
    /// </summary>
    private static string RangeFilter(PredictionId id, string from, string below)
    {
        string partition = LogPartition.Of(id).Key;
        long sequence = id.Sequence;
        return TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {below}")
            + TableClient.CreateQueryFilter($" and FirstSequence le {sequence} and LastSequence ge {sequence}");
    }

    private static Prediction? ReadRecord(LogPack pack, PredictionId id)
    {
        using PackColumns columns = pack.ReadColumns();
        int record = columns.Sequences.BinarySearch(id.Sequence);
        return record < 0 ? null : ToPrediction(pack, columns, record);
    }

    private static Prediction ToPrediction(LogPack pack, PackColumns columns, int record) => new()
    {
        Id = pack.IdOf(columns.Sequences[record]),
        Model = pack.Model,
        Version = pack.Version,
        ModelSha256 = pack.ModelSha256,
        Alias = columns.AliasOf(record),
        RequestId = columns.RequestIdOf(record),
        ReceivedAt = columns.ReceivedAtOf(record),
        EventTime = columns.EventTimeOf(record),
        Duration = TimeSpan.FromMicroseconds(columns.Durations[record]),
        Inputs = [.. columns.Inputs.Select(column => column.TensorOf(record))],
        Outputs = [.. columns.Outputs.Select(column => column.TensorOf(record))],
        Environment = pack.Environment,
        Error = columns.ErrorOf(record),
        Sample = pack.Sample,
    };

    private async IAsyncEnumerable<LogPack> QueryAsync(
        string filter, int? maxPerPage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (Page<TableEntity> page in PagesAsync(filter, maxPerPage, null, cancellationToken))
        {
            foreach (TableEntity entity in page.Values)
            {
                yield return await ReadPackAsync(entity, cancellationToken);
            }
        }
    }

    private async Task<LogPack> ReadPackAsync(TableEntity entity, CancellationToken cancellationToken)
    {
        try
        {
            return await LogPack.ReadAsync(entity, _blobs, cancellationToken);
        }
        catch (Exception exception) when (exception.IsStorageFailure())
        {
            throw exception.ToUnavailable(What);
        }
    }

    private async IAsyncEnumerable<Page<TableEntity>> PagesAsync(
        string filter, int? maxPerPage, string[]? select, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<Page<TableEntity>> pages =
            _table.QueryAsync<TableEntity>(filter, maxPerPage, select, cancellationToken).AsPages().GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                await pages.MoveNextAsync();
            }
            catch (Exception exception) when (exception.IsStorageFailure())
            {
                throw exception.ToUnavailable(What);
            }

            yield return pages.Current;
            if (pages.Current.ContinuationToken is null)
            {
                yield break;
            }
        }
    }
}
