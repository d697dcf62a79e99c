using Modeldrop.Tabular;

namespace Modeldrop.Probe;

/// <summary>The names of the files beside a model that have a meaning.</summary>
public static class CompanionFiles
{
    /// <summary>Training data: the baseline for drift. Without its extension.</summary>
    public const string Reference = "reference";

    /// <summary>Held-out rows with a label. Without its extension.</summary>
    public const string Validation = "validation";

    public const string Examples = "examples.json";

    /// <summary>All names that these files may have.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. ((string[])[Reference, Validation]).SelectMany(name => TableReader.Extensions.Select(extension => name + extension)), Examples];

    /// <summary>Whether a file is the data file with that name, whatever its extension.</summary>
    public static bool IsData(string file, string name) => TableReader.Extensions.Any(extension => file == name + extension);

    /// <summary>Path of a data file with any supported extension; null when there is none.</summary>
    public static string? FindData(string folder, string name) =>
        TableReader.Extensions.Select(extension => Find(folder, name + extension)).FirstOrDefault(path => path is not null);

    /// <summary>Path of a file; null when it does not exist.</summary>
    public static string? Find(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path) ? path : null;
    }
}
