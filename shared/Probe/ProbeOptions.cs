using System.ComponentModel.DataAnnotations;
using Modeldrop.Tabular;

namespace Modeldrop.Probe;

/// <summary>Limits of the child processes that inspect and score untrusted models.</summary>
public sealed class ProbeOptions
{
    public const string SectionName = "Probe";

    /// <summary>
    /// Wall-clock time of one child, including start and load; default 60 s. A hang costs this much, and a large validation needs it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Processor time of a child that inspects a model for the first time, without its data; default 20 s. Reading, loading and one run of
    /// a usable model take less; a model that never ends delays others by no more than this.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan InspectionTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Memory of one child in bytes; default 2 GiB, the second smallest instance of the Flex Consumption plan.</summary>
    [Range(128L * 1024 * 1024, 1L << 40)]
    public long MaxMemoryBytes { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Maximum bytes of each answer file of a child; default 256 MiB. This process reads all of it into memory.</summary>
    [Range(64L * 1024, int.MaxValue)]
    public long MaxOutputBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Maximum rows of a data file; default 1,048,576. A larger file is rejected.</summary>
    [Range(1, int.MaxValue)]
    public int MaxRows { get; set; } = TableLimits.Default.MaxRows;

    /// <summary>Maximum rows times columns of a data file; default 20,000,000, about 500 MB in the child.</summary>
    [Range(1L, long.MaxValue)]
    public long MaxCells { get; set; } = TableLimits.Default.MaxCells;

    /// <summary>
    /// Number of concurrent children; default 0: as many as there are processors and as fit into half of the memory, with
    /// <see cref="MaxMemoryBytes"/> each, but at least one. A child with a latency limit runs alone.
    /// </summary>
    [Range(0, 64)]
    public int Concurrency { get; set; }

    /// <summary>Number of timed single-row runs of a validation; default 200: ten runs are then above the 95th percentile.</summary>
    [Range(20, 100_000)]
    public int LatencyRuns { get; set; } = 200;

    /// <summary>The assembly to start with the argument <c>probe</c>; empty: the application itself.</summary>
    public string? AssemblyPath { get; set; }

    /// <summary><see cref="Concurrency"/>, or its value for 0 on this machine.</summary>
    internal int Children => Concurrency > 0
        ? Concurrency
        : (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2 / MaxMemoryBytes, 1, Environment.ProcessorCount);

    /// <summary>The <c>dotnet</c> executable; empty: the one of the running runtime.</summary>
    public string? DotnetPath { get; set; }

    /// <summary>Parent of the work folders; empty: the system's temporary folder.</summary>
    public string? WorkRoot { get; set; }
}
