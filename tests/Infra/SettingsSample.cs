using System.Text.Json;

namespace Modeldrop.Tests.Infra;

/// <summary>The values of local.settings.sample.json.</summary>
internal static class SettingsSample
{
    public static IReadOnlyDictionary<string, string> All { get; } = Read();

    public static IEnumerable<string> Keys => All.Keys;

    private static Dictionary<string, string> Read()
    {
        using JsonDocument document = JsonDocument.Parse(RepositoryText.Read("local.settings.sample.json"));
        return document.RootElement.GetProperty("Values").EnumerateObject()
            .ToDictionary(property => property.Name, property => property.Value.GetString()!, StringComparer.Ordinal);
    }
}
