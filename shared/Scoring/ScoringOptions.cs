using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Scoring;

/// <summary>How models are loaded and requests are scored.</summary>
public sealed class ScoringOptions
{
    public const string SectionName = "Scoring";

    /// <summary>How often the registry is asked whether anything has changed; default 0.5 s: an alias move is followed within 2 s. One storage transaction each.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:10")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Folder for model files, by their SHA-256; survives restarts, may be shared by processes. Empty: below the system's folder for temporary files.</summary>
    public string? CachePath { get; set; }

    /// <summary>Bytes of model files that are kept loaded; default 1 GiB, half of a Flex Consumption instance. The least recently used go first; champions stay.</summary>
    [Range(1L, long.MaxValue)]
    public long MaxSessionBytes { get; set; } = 1L << 30;

    /// <summary>Bytes of a request's body; default 100 MiB, the limit of the Functions host.</summary>
    [Range(1024, 1 << 30)]
    public int MaxRequestBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>Elements of one input tensor; default 16,777,216. A shape is a few characters, its memory is not.</summary>
    [Range(1L, 1L << 28)]
    public long MaxTensorElements { get; set; } = 1L << 24;
}
