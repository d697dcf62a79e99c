using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Lifecycle.Retention;

/// <summary>What is deleted, and when.</summary>
public sealed class RetentionOptions
{
    public const string SectionName = "Retention";

    /// <summary>Number of a model's retired versions that are kept at any age, the last retired first; default 10.</summary>
    [Range(0, 100_000)]
    public int KeepRetired { get; set; } = 10;

    /// <summary>How long the files of a retired or rejected version are kept; default a year. 0: forever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36600.00:00:00")]
    public TimeSpan KeepFilesFor { get; set; } = TimeSpan.FromDays(365);

    /// <summary>How long logged requests are kept; default 0: forever. A version with a logged request is never deleted.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36600.00:00:00")]
    public TimeSpan KeepPredictionsFor { get; set; }

    /// <summary>
    /// Age at which data without an owner are deleted; default a day, which is longer than any data need to get their owner.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "366.00:00:00")]
    public TimeSpan OrphanAge { get; set; } = TimeSpan.FromDays(1);
}
