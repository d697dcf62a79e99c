using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Predictions;

/// <summary>
/// An entity of the log: packed records of one model and version. Facts about the pack are plain properties, the records an Arrow stream.
/// </summary>
public sealed class LogPack
{
    /// <summary>The hashes from <see cref="PackKeys"/>.</summary>
    internal const string KeysProperty = "Keys";

    private readonly byte[] _stream;

    private LogPack(TableEntity entity, byte[] stream)
    {
        _stream = stream;
        Partition = LogPartition.Parse(entity.PartitionKey);
        RowKey = entity.RowKey;
        Model = ModelName.Parse(entity.GetString(nameof(Model)));
        Version = entity.GetInt32(nameof(Version))!.Value;
        ModelSha256 = entity.GetString(nameof(ModelSha256));
        Environment = entity.GetString(nameof(Environment));
        Records = entity.GetInt32(nameof(Records))!.Value;
        Rows = entity.GetInt64(nameof(Rows))!.Value;
        Sample = entity.GetDouble(nameof(Sample)) ?? 1;
        IsFailed = entity.GetBoolean(nameof(IsFailed)) ?? false;
    }

    public LogPartition Partition { get; }

    /// <summary>Ascends within a partition in the order of writing: a reader that stores the last key misses nothing.</summary>
    public string RowKey { get; }

    public ModelName Model { get; }

    public int Version { get; }

    public VersionName Name => new(Model, Version);

    public string ModelSha256 { get; }

    /// <summary><see cref="EnvironmentFingerprint"/> of the process that scored the records.</summary>
    public string Environment { get; }

    public int Records { get; }

    /// <summary>Sum of the first dimension of the records' first input.</summary>
    public long Rows { get; }

    /// <summary>Share of the requests that were logged: a record represents 1 / sample requests.</summary>
    public double Sample { get; }

    /// <summary>
    /// Whether the requests failed: there are no outputs, and possibly no inputs. Code that learns from answers skips the pack.
    /// </summary>
    public bool IsFailed { get; }

    public PredictionId IdOf(uint sequence) => new(Partition.ModelHash, Partition.Hour, Partition.Writer, sequence);

    /// <summary>The records; dispose them.</summary>
    public PackColumns ReadColumns() => PackColumns.Decode(_stream);

    /// <summary>
    /// The entity of a pack. Its records are in <paramref name="stream"/> or, when that is null, in <paramref name="blob"/>.
    /// </summary>
    internal static TableEntity ToEntity(IReadOnlyList<ScoredRequest> records, string rowKey, byte[]? stream, string? blob)
    {
        ScoredRequest first = records[0];
        var entity = new TableEntity(LogPartition.Of(first.Id).Key, rowKey)
        {
            [nameof(Model)] = first.Model.Value,
            [nameof(Version)] = first.Version,
            [nameof(ModelSha256)] = first.ModelSha256,
            [nameof(Environment)] = EnvironmentFingerprint.Current,
            [nameof(Records)] = records.Count,
            [nameof(Rows)] = records.Sum(RowsOf),
            [nameof(Sample)] = first.Sample,
            ["FirstSequence"] = records.Min(record => (long)record.Id.Sequence),
            ["LastSequence"] = records.Max(record => (long)record.Id.Sequence),
            // Numbers, because a table's own times begin in 1601 and a caller may replay older events.
            ["MinEventTimeMs"] = records.Min(record => record.EventTime).ToUnixTimeMilliseconds(),
            ["MaxEventTimeMs"] = records.Max(record => record.EventTime).ToUnixTimeMilliseconds(),
        };
        if (first.Error is not null)
        {
            entity[nameof(IsFailed)] = true;
        }

        if (PackKeys.Of(records) is { } keys)
        {
            entity[KeysProperty] = keys;
        }

        if (stream is null)
        {
            entity["Blob"] = blob;
        }
        else
        {
            entity.WriteChunks(stream);
        }

        return entity;
    }

    internal static async Task<LogPack> ReadAsync(
        TableEntity entity, BlobContainerClient blobs, CancellationToken cancellationToken)
    {
        if (entity.GetString("Blob") is not { } blob)
        {
            return new LogPack(entity, entity.ReadChunks());
        }
        var download = await blobs.GetBlobClient(blob).DownloadContentAsync(cancellationToken);
        return new LogPack(entity, download.Value.Content.ToArray());
    }

    private static long RowsOf(ScoredRequest record) => record.Inputs is [{ Shape: [var rows, ..] }, ..] ? rows : 1;
}
