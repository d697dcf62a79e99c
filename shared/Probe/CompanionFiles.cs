using Modeldrop.Tabular;

namespace Modeldrop.Probe;

/// <summary>The files beside a model that have a meaning, by name.</summary>
public static class CompanionFiles
{
    /// <summary>Training data: the baseline of drift. Without its ending.</summary>
    public const string Reference = "reference";

    /// <summary>Held-out rows with a label. Without its ending.</summary>
    public const string Validation = "validation";

    public const string Examples = "examples.json";

    /// <summary>Every name that one of them may have.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. ((string[])[Reference, Validation]).SelectMany(name => TableReader.Extensions.Select(extension => name + extension)), Examples];

    /// <summary>Whether a file is the data file of that name, whatever its ending.</summary>
    public static bool IsData(string file, string name) => TableReader.Extensions.Any(extension => file == name + extension);

    /// <summary>Path of a data file with any of the endings that can be read; null when there is none.</summary>
    public static string? FindData(string folder, string name) =>
        TableReader.Extensions.Select(extension => Find(folder, name + extension)).FirstOrDefault(path => path is not null);

    /// <summary>Path of a file; null when it is not there.</summary>
    public static string? Find(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path) ? path : null;
    }
}
