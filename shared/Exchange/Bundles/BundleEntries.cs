using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Exchange.Bundles;

/// <summary>Names of the entries of a bundle.</summary>
internal static class BundleEntries
{
    /// <summary>The contents of the bundle, with the SHA-256 of every other entry: <see cref="BundleList"/>.</summary>
    public const string List = "bundle.json";

    /// <summary>The SHA-256 of the list and of the signature, in the format of <c>sha256sum</c>.</summary>
    public const string Sums = "bundle.sha256";

    /// <summary>The signature by the installation that made the bundle; covers all entries except the sums and itself.</summary>
    public const string Seal = "bundle.sig";

    /// <summary>The validation report, as stored.</summary>
    public const string Report = Documents + "report.json";

    /// <summary>The record of the version: signature, manifest, data set, operation, origin.</summary>
    public const string Record = Documents + "version.json";

    /// <summary>The events of the version up to the decision of its validation.</summary>
    public const string History = Documents + "history.json";

    /// <summary>The record of the data set.</summary>
    public const string Dataset = Documents + "dataset.json";

    private const string Files = "files/";

    private const string Documents = "documents/";

    public static string OfFile(string path) => Files + path;

    /// <summary>The path of the version's file; null when the entry is not such a file.</summary>
    public static string? FindFile(string entry) => entry.StartsWith(Files, StringComparison.Ordinal) ? entry[Files.Length..] : null;

    /// <summary>Whether it is one of the entries that the list does not contain.</summary>
    public static bool IsOwn(string entry) => entry is List or Sums or Seal;

    /// <summary>Whether a bundle may hold an entry of this name.</summary>
    public static bool IsKnown(string entry) =>
        IsOwn(entry) || entry is Report or Record or History or Dataset
        || (FindFile(entry) is { } file && FileNames.IsSafe(file) && (file == ModelVersion.ModelFile || FileNames.IsCompanion(file)));
}
