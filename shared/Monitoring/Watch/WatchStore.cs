using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Watch;

/// <summary>Stores the watch of each version, changed by compare and swap.</summary>
public sealed class WatchStore(StorageAccount account)
{
    private const string What = "the watch over drift";

    private readonly TableClient _table = account.Table(TableNames.Profiles);

    /// <returns>Null if there was no look yet.</returns>
    internal Task<(StoredWatch? Watch, ETag? Tag)> ReadAsync(
        VersionName version, CancellationToken cancellationToken) =>
        StoreCall.RunAsync<(StoredWatch?, ETag?)>(What, async () =>
        {
            string first = RowKeyOf(version.Number);
            string filter = TableClient.CreateQueryFilter(
                $"PartitionKey eq {PartitionOf(version.Model)} and RowKey ge {first} and RowKey lt {first + "~"}");
            List<TableEntity> rows = await _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken)
                .ToListAsync(cancellationToken);
            if (rows is not [var entity, ..])
            {
                return (null, null);
            }

            (string reference, IReadOnlyList<WatchBlock> blocks, WatchSeason season) = WatchCodec.Decode(
                [.. rows.Take(entity.GetInt32("Parts")!.Value).SelectMany(row => row.ReadChunks())]);
            var watch = new StoredWatch(
                entity.GetInt64(nameof(StoredWatch.SinceHour))!.Value,
                entity.GetInt64(nameof(StoredWatch.ThroughHour))!.Value,
                reference,
                entity.GetInt64(nameof(StoredWatch.Rows))!.Value,
                blocks,
                JsonSerializer.Deserialize<Dictionary<int, WatchAlarm>>(entity.GetString(nameof(StoredWatch.Alarms)))!,
                season);
            return (watch, entity.ETag);
        });

    /// <returns>False when another process has changed it.</returns>
    internal Task<bool> TryWriteAsync(
        VersionName version, StoredWatch watch, ETag? tag, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
        {
            var entity = new TableEntity(PartitionOf(version.Model), RowKeyOf(version.Number))
            {
                [nameof(StoredWatch.SinceHour)] = watch.SinceHour,
                [nameof(StoredWatch.ThroughHour)] = watch.ThroughHour,
                [nameof(StoredWatch.Rows)] = watch.Rows,
                [nameof(StoredWatch.Alarms)] = JsonSerializer.Serialize(watch.Alarms),
            };
            // The state of many features is larger than one row: all rows change together, and the tag of the first row is the lock.
            byte[][] parts = [.. WatchCodec.Encode(watch).Chunk(ChunkedProperties.MaxBytes)];
            entity["Parts"] = parts.Length;
            entity.WriteChunks(parts[0]);
            List<TableTransactionAction> actions =
                [tag is { } known ? new(TableTransactionActionType.UpdateReplace, entity, known)
                    : new(TableTransactionActionType.Add, entity)];
            for (int part = 1; part < parts.Length; part++)
            {
                var more = new TableEntity(PartitionOf(version.Model),
                    string.Create(CultureInfo.InvariantCulture, $"{RowKeyOf(version.Number)}!{part:d2}"));
                more.WriteChunks(parts[part]);
                actions.Add(new TableTransactionAction(TableTransactionActionType.UpsertReplace, more));
            }
            try
            {
                await _table.SubmitTransactionAsync(actions, cancellationToken);
                return true;
            }
            catch (RequestFailedException exception) when (exception.Status is 409 or 412)
            {
                return false;
            }
        });

    private static string PartitionOf(ModelName model) => $"e!{model}";

    private static string RowKeyOf(int version) => $"{version:d6}";
}
