using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Lifecycle.Retention;

/// <summary>What is deleted, and when.</summary>
public sealed class RetentionOptions
{
    public const string SectionName = "Retention";

    /// <summary>Retired versions of a model that are kept however old, the last retired first; default 10.</summary>
    [Range(0, 100_000)]
    public int KeepRetired { get; set; } = 10;

    /// <summary>How long the files of a retired or rejected version are kept; default a year. 0: for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36600.00:00:00")]
    public TimeSpan KeepFilesFor { get; set; } = TimeSpan.FromDays(365);

    /// <summary>How long logged requests are kept; default 0: for ever. A version with a logged request is never deleted.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36600.00:00:00")]
    public TimeSpan KeepPredictionsFor { get; set; }

    /// <summary>Age from which on what belongs to nobody is deleted; default a day: longer than anything takes to get its owner.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "366.00:00:00")]
    public TimeSpan OrphanAge { get; set; } = TimeSpan.FromDays(1);
}
