using System.Text.RegularExpressions;

namespace Modeldrop.Tests.Infra;

internal static partial class RouteText
{
    /// <summary>Without the leading slash and with <c>{}</c> for every parameter.</summary>
    public static string Normalize(string route) => Parameter().Replace(route.TrimStart('/'), "{}");

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
