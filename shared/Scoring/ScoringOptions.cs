using System.ComponentModel.DataAnnotations;
using Modeldrop.Scoring.Sessions;

namespace Modeldrop.Scoring;

/// <summary>How this process loads models and accepts requests.</summary>
/// <remarks>
/// The sessions' own settings are not options: one thread inside and between operators, in order, full graph optimisation
/// (<see cref="SessionSettings"/>). So a score has the same bits each time, which replay by prediction id and the replay gate rely on.
/// </remarks>
public sealed class ScoringOptions
{
    public const string SectionName = "Scoring";

    /// <summary>
    /// Folder for the files of loaded versions, by their digest. It survives restarts and may be shared by processes of one machine; it may
    /// be emptied at any time. Null: <c>modeldrop</c> in the temporary folder.
    /// </summary>
    public string? CachePath { get; set; }

    /// <summary>
    /// Maximum bytes of memory of all loaded sessions, as measured by validation, with their own memory of runs; above it the session that
    /// is worth least is evicted. 0: three eighths of the instance's memory. One session always stays.
    /// </summary>
    [Range(0, 1L << 40)]
    public long MaxSessionBytes { get; set; }

    /// <summary>
    /// Maximum bytes of memory of all runs of models that do not loop; one that loops has a quarter for itself. Only the run that exceeds
    /// it gets 503. 0: a quarter of the instance's memory.
    /// </summary>
    [Range(0, 1L << 40)]
    public long MaxRunBytes { get; set; }

    /// <summary>
    /// Maximum bytes of all current requests: bodies, tensors and answers above 64 KiB. A request that needs more gets 503. 0: three
    /// sixteenths of the instance's memory.
    /// </summary>
    [Range(0, 1L << 40)]
    public long MaxInFlightBytes { get; set; }

    /// <summary>
    /// Maximum time of one run; a longer run is ended and its request fails. A graph can loop for ever, and each run occupies a processor.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "1.00:00:00")]
    public TimeSpan MaxRunTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Maximum time that a request waits for its run; then it gets 503 with <c>Retry-After</c>. Clients give up at about this time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "1.00:00:00")]
    public TimeSpan MaxWaitTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time that runs may continue after the process has been asked to stop; then they are ended. Hosts wait 30 s for the whole stop.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Maximum number of requests that wait for one version on one instance; more get 503 with <c>Retry-After</c>. Enough for a burst on
    /// many connections; a longer queue would only make all of them wait too long.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxWaitingRequests { get; set; } = 1_000;

    /// <summary>Maximum bytes of a request's uncompressed body. Default: the Functions host's own limit, 100 MiB.</summary>
    [Range(1 << 10, 1 << 30)]
    public int MaxRequestBytes { get; set; } = 100 << 20;

    /// <summary>
    /// Minimum bytes of a response that is compressed for a caller that accepts it; below this size compression does not pay.
    /// </summary>
    [Range(0, 1 << 30)]
    public int CompressFromBytes { get; set; } = 256;

    internal long SessionBytes => MaxSessionBytes > 0 ? MaxSessionBytes : InstanceBytes / 8 * 3;

    internal long RunBytes => MaxRunBytes > 0 ? MaxRunBytes : InstanceBytes / 4;

    internal long InFlightBytes => MaxInFlightBytes > 0 ? MaxInFlightBytes : InstanceBytes / 16 * 3;

    /// <summary>Maximum memory to load a version and run it once: a session has this much when no other session has any.</summary>
    internal long ModelBytes => SessionBytes + RunBytes;

    /// <summary>Memory of the container that .NET may use (three quarters by default), or of the machine.</summary>
    private static long InstanceBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    internal string CacheFolder => CachePath ?? Path.Combine(Path.GetTempPath(), "modeldrop");
}
