using System.Text.Json;
using System.Text.RegularExpressions;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Exchange.Bundles;

/// <summary>Reads the list of a bundle from elsewhere.</summary>
internal static partial class BundleListReader
{
    /// <exception cref="InvalidDataException">The text is not such a list; the message says why.</exception>
    public static BundleList Read(ReadOnlySpan<byte> json)
    {
        BundleList list;
        try
        {
            list = JsonSerializer.Deserialize<BundleList>(json, StoredJson.Options) ?? throw new InvalidDataException(Wrong("it is null"));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                Wrong($"it cannot be read at line {exception.LineNumber + 1} ({exception.Path})"), exception);
        }

        if (list.Format != BundleList.CurrentFormat)
        {
            throw new InvalidDataException(Wrong($"its format is not '{BundleList.CurrentFormat}'"));
        }

        if (list.Origin is null || !IsOrigin(list.Origin))
        {
            throw new InvalidDataException(Wrong("'origin' does not name a version"));
        }

        if (list.Entries is null || list.Omitted is null || !AreFiles(list.Entries, IsEntry) || !AreFiles(list.Omitted, IsFile))
        {
            throw new InvalidDataException(Wrong("an entry has no usable path, size or SHA-256, or occurs twice"));
        }

        return list.Entries.Any(entry => BundleEntries.FindFile(entry.Path) == ModelVersion.ModelFile)
            ? list
            : throw new InvalidDataException(Wrong("it lists no model"));
    }

    private static string Wrong(string what) => $"'{BundleEntries.List}' is not the list of a bundle: {what}.";

    private static bool AreFiles(IReadOnlyList<VersionFile> files, Func<string, bool> isName) =>
        files.All(file => file is { Path: not null, Sha256: not null, Bytes: >= 0 } && isName(file.Path) && Hash().IsMatch(file.Sha256))
        && files.Select(file => file.Path).Distinct(StringComparer.OrdinalIgnoreCase).Count() == files.Count;

    private static bool IsEntry(string path) => BundleEntries.IsKnown(path) && !BundleEntries.IsOwn(path);

    private static bool IsFile(string path) => FileNames.IsCompanion(path) && FileNames.IsSafe(path);

    private static bool IsOrigin(VersionOrigin origin) =>
        IsStep(origin) && origin.Earlier is { Count: <= VersionOrigin.MaxEarlier } earlier
        && earlier.All(step => step is { Earlier.Count: 0 } && IsStep(step));

    private static bool IsStep(VersionOrigin step) =>
        step.Version > 0
        && ModelName.Find(step.Model.Value) is not null
        && ModelName.Find(step.Installation) is not null
        && step.Digest is not null && Hash().IsMatch(step.Digest)
        && (step.ReportSha256 is null || Hash().IsMatch(step.ReportSha256))
        && (step.Dataset is null || (DatasetName.Find(step.Dataset.Name) is not null && step.Dataset.Version > 0
            && step.Dataset.Digest is not null && Hash().IsMatch(step.Dataset.Digest)));

    [GeneratedRegex(@"^[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hash();
}
