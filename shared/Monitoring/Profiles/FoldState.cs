using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>How far the log of a model is folded.</summary>
public sealed record FoldState
{
    public static readonly FoldState Start = new();

    /// <summary>Number of the last planned fold, from 1.</summary>
    public long Fold { get; init; }

    /// <summary>
    /// The ranges that fold <see cref="Fold"/> adds; null once it is done. A plan never changes: every process that finds it executes it.
    /// </summary>
    public IReadOnlyList<LogRange>? Plan { get; init; }

    /// <summary>Digest of the reference profile that the plan uses for each version; empty text: the version has none.</summary>
    public IReadOnlyDictionary<int, string>? References { get; init; }

    /// <summary>All partitions of earlier hours are folded and can no longer grow: <see cref="LogPartition.FirstOpenHour"/>.</summary>
    public uint Horizon { get; init; }

    /// <summary>
    /// Last folded row key of the partitions from <see cref="Horizon"/> on, and of the newest one before it (<see cref="LogCursor"/>).
    /// </summary>
    public IReadOnlyDictionary<string, string> Positions { get; init; } = new Dictionary<string, string>();
}

/// <summary>Stores the fold state of each model in one row, changed by compare and swap.</summary>
internal sealed class FoldStateStore(StorageAccount account)
{
    private const string RowKey = "fold";

    private readonly TableClient _table = account.Table(TableNames.Profiles);

    /// <returns>The tag is null if there is no row yet.</returns>
    public async Task<(FoldState State, ETag? Tag)> ReadAsync(ModelName model, CancellationToken cancellationToken)
    {
        try
        {
            NullableResponse<TableEntity> row = await _table.GetEntityIfExistsAsync<TableEntity>(
                PartitionOf(model), RowKey, cancellationToken: cancellationToken);
            return row is { HasValue: true, Value: { } entity }
                ? (JsonSerializer.Deserialize<FoldState>(entity.ReadChunks(), StoredJson.Options)!, entity.ETag)
                : (FoldState.Start, null);
        }
        catch (Exception exception) when (exception.IsStorageFailure())
        {
            throw exception.ToUnavailable("the fold's state");
        }
    }

    /// <returns>The new tag; null when another process has changed the row.</returns>
    public async Task<ETag?> TryWriteAsync(
        ModelName model, FoldState state, ETag? tag, CancellationToken cancellationToken)
    {
        var entity = new TableEntity(
            PartitionOf(model), RowKey) { [nameof(FoldState.Fold)] = state.Fold, ["Planned"] = state.Plan is not null };
        entity.WriteChunks(JsonSerializer.SerializeToUtf8Bytes(state, StoredJson.Options));
        try
        {
            Response response = tag is { } known
                ? await _table.UpdateEntityAsync(entity, known, TableUpdateMode.Replace, cancellationToken)
                : await _table.AddEntityAsync(entity, cancellationToken);
            return response.Headers.ETag;
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 412)
        {
            return null;
        }
        catch (Exception exception) when (exception.IsStorageFailure())
        {
            throw exception.ToUnavailable("the fold's state");
        }
    }

    private static string PartitionOf(ModelName model) => $"w!{model}";
}
