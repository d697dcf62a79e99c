using System.Security.Cryptography;

namespace Modeldrop.Signing;

/// <summary>A setting that holds PEM: the text itself, or paths of files, separated by <c>;</c>.</summary>
internal static class PemSetting
{
    private const string Begin = "-----BEGIN ";

    /// <returns>Every PEM block with its label, in order; empty if the setting is empty.</returns>
    /// <exception cref="InvalidOperationException">A file cannot be read, or holds no PEM.</exception>
    public static IReadOnlyList<string> Read(string? setting)
    {
        if (string.IsNullOrWhiteSpace(setting))
        {
            return [];
        }

        // A one-line setting writes a line feed as \n.
        return setting.Contains(Begin, StringComparison.Ordinal)
            ? Blocks(setting.Replace("\\n", "\n", StringComparison.Ordinal), "The setting")
            : [.. setting.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .SelectMany(path => Blocks(ReadFile(path), $"'{path}'"))];
    }

    /// <summary>A setting that holds JSON: the text itself, or the path of a file. Null if the setting is empty.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be read.</exception>
    public static string? ReadJson(string? setting) =>
        string.IsNullOrWhiteSpace(setting) ? null : setting.TrimStart().StartsWith('{') ? setting : ReadFile(setting.Trim());

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"'{path}', which a Signing setting names, cannot be read: {exception.Message}", exception);
        }
    }

    private static List<string> Blocks(string text, string where)
    {
        List<string> blocks = [];
        ReadOnlySpan<char> rest = text;
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            blocks.Add(rest[fields.Location].ToString());
            rest = rest[fields.Location.End..];
        }

        return blocks.Count > 0 ? blocks : throw new InvalidOperationException($"{where} contains no PEM.");
    }
}
