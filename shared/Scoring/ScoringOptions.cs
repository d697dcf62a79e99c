using System.ComponentModel.DataAnnotations;

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
    /// Bytes of model files that are kept loaded; above it the session that was used longest ago goes. A session takes about 1 to 2 times
    /// its file in memory, so the default suits the 2,048 MB instance. One session always stays, however large.
    /// </summary>
    [Range(1L << 20, 1L << 40)]
    public long MaxSessionBytes { get; set; } = 768L << 20;

    /// <summary>
    /// Requests that may wait for one version on one instance; beyond it 503 with <c>Retry-After</c>. Enough for a burst on many connections;
    /// more would only make all of them wait longer than they are worth.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxWaitingRequests { get; set; } = 1_000;

    /// <summary>Bytes of a request's body, uncompressed. Default: what the Functions host itself lets through, 100 MiB.</summary>
    [Range(1 << 10, 1 << 30)]
    public int MaxRequestBytes { get; set; } = 100 << 20;

    /// <summary>
    /// Time between two looks at the registry, one point read each. Serving follows a promote or a rollback after this time and the time
    /// to load the version; 500 ms keep that below 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:01:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time until a version that could not be loaded is tried again. Long enough not to download a broken file all the time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "01:00:00")]
    public TimeSpan LoadRetryInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Time between two writes of what a rollout's versions did, one transaction each while there is a rollout with traffic. A gate sees
    /// no more than this late, a killed process loses no more than this.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:05:00")]
    public TimeSpan RolloutFlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes from which a response is compressed for a caller that asks for it; below, a frame costs more than it saves.</summary>
    [Range(0, 1 << 30)]
    public int CompressFromBytes { get; set; } = 256;

    internal string CacheFolder => CachePath ?? Path.Combine(Path.GetTempPath(), "modeldrop");
}
