using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace Modeldrop.Standalone.Hosting;

/// <summary>
/// <c>Values</c> of local.settings.json. Core Tools turn them into environment variables; a real environment variable wins.
/// </summary>
internal static class LocalSettings
{
    /// <exception cref="StartFailure">The file is not valid.</exception>
    public static void AddTo(ConfigurationManager configuration, string folder)
    {
        string path = Path.Combine(folder, "local.settings.json");
        if (!File.Exists(path))
        {
            return;
        }

        IList<IConfigurationSource> sources = configuration.Sources;
        int environment = sources.ToList().FindLastIndex(
            source => source is EnvironmentVariablesConfigurationSource { Prefix: null or "" });
        var settings = new MemoryConfigurationSource { InitialData = Read(path) };
        sources.Insert(environment < 0 ? sources.Count : environment, settings);
    }

    private static Dictionary<string, string?> Read(string path)
    {
        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path), options);
            Dictionary<string, string?> values = [];
            if (document.RootElement.TryGetProperty("Values", out JsonElement section))
            {
                foreach (JsonProperty value in section.EnumerateObject())
                {
                    values[value.Name.Replace("__", ":", StringComparison.Ordinal)] = value.Value.ToString();
                }
            }

            return values;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new StartFailure($"'{path}' is not a valid local.settings.json: {exception.Message}", exception);
        }
    }
}
