using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Drift;

/// <summary>The watch of each version, changed by compare and swap.</summary>
public sealed class WatchStore(StorageAccount account)
{
    private const string What = "the watch over drift";

    private readonly TableClient _table = account.Table(TableNames.Profiles);

    /// <returns>Null before the first look.</returns>
    internal Task<(StoredWatch? Watch, ETag? Tag)> ReadAsync(ModelName model, int version, StorageMeter meter, CancellationToken cancellationToken) =>
        StoreCall.RunAsync<(StoredWatch?, ETag?)>(What, async () =>
        {
            meter.Count();
            NullableResponse<TableEntity> row = await _table.GetEntityIfExistsAsync<TableEntity>(PartitionOf(model), RowKeyOf(version), cancellationToken: cancellationToken);
            if (row is not { HasValue: true, Value: { } entity })
            {
                return (null, null);
            }

            (string reference, IReadOnlyList<WatchBlock> blocks) = StoredWatch.Decode(entity.ReadChunks());
            var watch = new StoredWatch(
                entity.GetInt64(nameof(StoredWatch.SinceHour))!.Value,
                entity.GetInt64(nameof(StoredWatch.ThroughHour))!.Value,
                reference,
                entity.GetInt64(nameof(StoredWatch.Rows))!.Value,
                blocks,
                JsonSerializer.Deserialize<Dictionary<int, long>>(entity.GetString(nameof(StoredWatch.Alarmed)))!);
            return (watch, entity.ETag);
        });

    /// <returns>False when another runner has changed it.</returns>
    internal Task<bool> TryWriteAsync(ModelName model, int version, StoredWatch watch, ETag? tag, StorageMeter meter, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
        {
            var entity = new TableEntity(PartitionOf(model), RowKeyOf(version))
            {
                [nameof(StoredWatch.SinceHour)] = watch.SinceHour,
                [nameof(StoredWatch.ThroughHour)] = watch.ThroughHour,
                [nameof(StoredWatch.Rows)] = watch.Rows,
                [nameof(StoredWatch.Alarmed)] = JsonSerializer.Serialize(watch.Alarmed),
            };
            entity.WriteChunks(watch.Encode());
            meter.Count();
            try
            {
                _ = tag is { } known
                    ? await _table.UpdateEntityAsync(entity, known, TableUpdateMode.Replace, cancellationToken)
                    : await _table.AddEntityAsync(entity, cancellationToken);
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
