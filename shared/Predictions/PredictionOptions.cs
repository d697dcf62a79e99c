using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Predictions;

/// <summary>How the prediction log buffers and packs.</summary>
public sealed class PredictionOptions
{
    public const string SectionName = "Predictions";

    /// <summary>
    /// How long a record waits for others before it is written; with the write itself this is the time at risk. Default 0.5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long the answer of a model in mode <c>durable</c> waits for its record to be written, before it is a 503. Default 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan DurableTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Records that end the wait early. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int FlushRecords { get; set; } = 2_000;

    /// <summary>Bytes that end the wait early. Default 4 MiB, about one transaction.</summary>
    [Range(1024, 1 << 30)]
    public int FlushBytes { get; set; } = 4 << 20;

    /// <summary>Records that the buffer holds while the store does not answer; more are dropped and counted. Default 100,000.</summary>
    [Range(1, 10_000_000)]
    public int BufferRecords { get; set; } = 100_000;

    /// <summary>Bytes that the buffer holds. Default 64 MiB: an eighth of the smallest instance that Azure has.</summary>
    [Range(1024, 1 << 30)]
    public int BufferBytes { get; set; } = 64 << 20;

    /// <summary>A larger record gets a blob of its own, unless its model's manifest says otherwise. Bytes; default 64 KiB.</summary>
    [Range(1024, 1 << 30)]
    public int MaxRecordBytes { get; set; } = 64 << 10;

    /// <summary>
    /// A pack's bytes as stored. Default 512 KiB: an entity holds 1 MiB, which the emulator measures on base 64, and five such packs fit a
    /// transaction.
    /// </summary>
    [Range(4096, 720 << 10)]
    public int MaxPackBytes { get; set; } = 512 << 10;

    /// <summary>Partitions that are written at the same time. Default 4.</summary>
    [Range(1, 64)]
    public int Writers { get; set; } = 4;

    /// <summary>The longest pause between two attempts while the store does not answer. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);
}
