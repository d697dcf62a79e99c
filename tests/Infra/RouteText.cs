using System.Text.RegularExpressions;

namespace Modeldrop.Tests.Infra;

internal static partial class RouteText
{
    /// <summary>
    /// The route without the leading slash and with <c>{}</c> for every parameter; a parameter that must be empty is left out.
    /// </summary>
    public static string Normalize(string route) =>
        Parameter().Replace(route.TrimStart('/'), match => match.Value.Contains(":maxlength(0)", StringComparison.Ordinal) ? "" : "{}");

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
