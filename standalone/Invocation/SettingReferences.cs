using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Modeldrop.Standalone.Invocation;

/// <summary>Resolves <c>%Setting%</c> in the arguments of triggers.</summary>
internal static partial class SettingReferences
{
    /// <returns>The text with the settings' values; null if the setting <paramref name="missing"/> does not exist.</returns>
    public static string? Resolve(string text, IConfiguration configuration, out string? missing)
    {
        string? absent = null;
        string resolved = Reference().Replace(text, match =>
        {
            string name = match.Groups[1].Value;
            string? value = configuration[name.Replace("__", ":", StringComparison.Ordinal)];
            absent ??= value is null ? name : null;
            return value ?? "";
        });
        missing = absent;
        return absent is null ? resolved : null;
    }

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Reference();
}
