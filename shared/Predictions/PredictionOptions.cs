using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Predictions;

/// <summary>Options for buffering and packing the prediction log.</summary>
public sealed class PredictionOptions
{
    public const string SectionName = "Predictions";

    /// <summary>
    /// How long a record waits for others before it is written; with the write itself, this is the time at risk. Default 0.5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long the answer of a model in mode <c>durable</c> waits until its record is written, before it becomes a 503. Default 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan DurableTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Number of records that ends the wait early. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int FlushRecords { get; set; } = 2_000;

    /// <summary>Number of bytes that ends the wait early. Default 4 MiB, about one transaction.</summary>
    [Range(1024, 1 << 30)]
    public int FlushBytes { get; set; } = 4 << 20;

    /// <summary>
    /// Maximum number of records in the buffer while the store does not respond; more are dropped and counted. Default 100,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int BufferRecords { get; set; } = 100_000;

    /// <summary>Maximum number of bytes in the buffer. Default 64 MiB: an eighth of Azure's smallest instance.</summary>
    [Range(1024, 1 << 30)]
    public int BufferBytes { get; set; } = 64 << 20;

    /// <summary>Size above which a record gets its own blob, unless its model's manifest says otherwise. Bytes; default 64 KiB.</summary>
    [Range(1024, 1 << 30)]
    public int MaxRecordBytes { get; set; } = 64 << 10;

    /// <summary>
    /// Maximum stored size of a pack in bytes. Default 512 KiB: an entity holds 1 MiB, which the emulator measures in base 64, and five
    /// such packs fit into a transaction.
    /// </summary>
    [Range(4096, 720 << 10)]
    public int MaxPackBytes { get; set; } = 512 << 10;

    /// <summary>Number of partitions written in parallel. Default 4.</summary>
    [Range(1, 64)]
    public int Writers { get; set; } = 4;

    /// <summary>The longest pause between two attempts while the store does not respond. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);
}
