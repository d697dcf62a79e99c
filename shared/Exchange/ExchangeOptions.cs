using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Exchange;

/// <summary>How this installation exchanges versions with others.</summary>
public sealed class ExchangeOptions
{
    public const string SectionName = "Exchange";

    /// <summary>
    /// The name of this installation in the bundles that it makes, such as <c>dev</c>. Default <c>modeldrop</c>. Give each installation
    /// that exports versions its own name.
    /// </summary>
    [RegularExpression("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
    public string Installation { get; set; } = "modeldrop";

    /// <summary>
    /// Installations that versions may be pushed to, by name: <c>test=https://test.example.com; prod=https://…</c>. Default empty: none.
    /// </summary>
    public string? Targets { get; set; }

    /// <summary>
    /// The keys for these installations, which need the role of a publisher there: <c>test=&lt;key&gt;; prod=&lt;key&gt;</c>.
    /// </summary>
    public string? TargetKeys { get; set; }

    /// <summary>How long sending one bundle may take; default 1 h: enough for some gigabytes over a slow line.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan PushTimeout { get; set; } = TimeSpan.FromHours(1);
}
