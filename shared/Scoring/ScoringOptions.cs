using System.ComponentModel.DataAnnotations;
using Modeldrop.Scoring.Sessions;

namespace Modeldrop.Scoring;

/// <summary>How this process loads models and takes requests.</summary>
/// <remarks>
/// The sessions' own settings are no options: one thread inside and between operators, in order, full graph optimisation
/// (<see cref="SessionSettings"/>). That makes a score the same bits each time, which replay by prediction id and the replay gate stand on.
/// </remarks>
public sealed class ScoringOptions
{
    public const string SectionName = "Scoring";

    /// <summary>
    /// Folder for the files of loaded versions, by their digest. It survives restarts and may be shared by processes of one machine; it
    /// may be emptied at any time. Null: <c>modeldrop</c> in the folder for temporary files.
    /// </summary>
    public string? CachePath { get; set; }

    /// <summary>
    /// Bytes of memory that loaded sessions may take together, each as validation measured it; above it the one goes that is worth least.
    /// 0: three eighths of the instance's memory. One session always stays.
    /// </summary>
    [Range(0, 1L << 40)]
    public long MaxSessionBytes { get; set; }

    /// <summary>
    /// Bytes of memory that all runs may take together. A run that asks for more gets 503, alone. 0: a quarter of the instance's memory.
    /// </summary>
    [Range(0, 1L << 40)]
    public long MaxRunBytes { get; set; }

    /// <summary>
    /// Bytes that the requests under way may hold together: bodies, tensors and answers, those above 64 KiB. A request that needs more gets
    /// 503.
    /// 0: three sixteenths of the instance's memory.
    /// </summary>
    [Range(0, 1L << 40)]
    public long MaxInFlightBytes { get; set; }

    /// <summary>
    /// Time of one run; a longer one is ended and its request fails. A graph can loop for ever, and each run holds a processor.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "1.00:00:00")]
    public TimeSpan MaxRunTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time that a request may wait for its run; then it gets 503 with <c>Retry-After</c>. Clients give up about then.</summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "1.00:00:00")]
    public TimeSpan MaxWaitTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time that runs may go on after the process has been asked to stop; then they are ended. Hosts wait 30 s for the whole stop.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Requests that may wait for one version on one instance; beyond it 503 with <c>Retry-After</c>. Enough for a burst on many
    /// connections; more would only make all of them wait longer than they are worth.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxWaitingRequests { get; set; } = 1_000;

    /// <summary>Bytes of a request's body, uncompressed. Default: what the Functions host itself lets through, 100 MiB.</summary>
    [Range(1 << 10, 1 << 30)]
    public int MaxRequestBytes { get; set; } = 100 << 20;

    /// <summary>Bytes from which a response is compressed for a caller that asks for it; below, a frame costs more than it saves.</summary>
    [Range(0, 1 << 30)]
    public int CompressFromBytes { get; set; } = 256;

    internal long SessionBytes => MaxSessionBytes > 0 ? MaxSessionBytes : InstanceBytes / 8 * 3;

    internal long RunBytes => MaxRunBytes > 0 ? MaxRunBytes : InstanceBytes / 4;

    internal long InFlightBytes => MaxInFlightBytes > 0 ? MaxInFlightBytes : InstanceBytes / 16 * 3;

    /// <summary>What a version may take to be loaded and run once: a session has this much room when no other has any.</summary>
    internal long ModelBytes => SessionBytes + RunBytes;

    /// <summary>Of the container, as far as .NET uses it (three quarters by default), or of the machine.</summary>
    private static long InstanceBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    internal string CacheFolder => CachePath ?? Path.Combine(Path.GetTempPath(), "modeldrop");
}
