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

    /// <summary>Number of the last fold that was planned; from 1.</summary>
    public long Fold { get; init; }

    /// <summary>
    /// What fold <see cref="Fold"/> adds; null once it is done. A plan is never changed: every process that finds it carries it out.
    /// </summary>
    public IReadOnlyList<LogRange>? Plan { get; init; }

    /// <summary>Digest of the reference profile that the plan counts each version with; empty text: the version has none.</summary>
    public IReadOnlyDictionary<int, string>? References { get; init; }

    /// <summary>All partitions of earlier hours are folded and cannot grow: <see cref="LogPartition.FirstOpenHour"/>.</summary>
    public uint Horizon { get; init; }

    /// <summary>
    /// Last folded row key of the partitions from <see cref="Horizon"/> on, and of the newest before it (<see cref="LogCursor"/>).
    /// </summary>
    public IReadOnlyDictionary<string, string> Positions { get; init; } = new Dictionary<string, string>();
}

/// <summary>The fold's row of each model, changed by compare and swap.</summary>
internal sealed class FoldStateStore(StorageAccount account)
{
    private const string RowKey = "fold";

    private readonly TableClient _table = account.Table(TableNames.Profiles);

    /// <returns>The tag is null while there is no row.</returns>
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

    /// <returns>The new tag; null when another runner has changed the row.</returns>
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
