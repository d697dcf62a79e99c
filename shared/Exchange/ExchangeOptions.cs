using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Exchange;

/// <summary>How this installation exchanges versions with others.</summary>
public sealed class ExchangeOptions
{
    public const string SectionName = "Exchange";

    /// <summary>
    /// What this installation calls itself in the bundles that it makes, such as <c>dev</c>. Default <c>modeldrop</c>: every installation
    /// that others take versions from should have a name of its own.
    /// </summary>
    [RegularExpression("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
    public string Installation { get; set; } = "modeldrop";
}
