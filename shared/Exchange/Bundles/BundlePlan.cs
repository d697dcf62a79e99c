using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Exchange.Bundles;

/// <summary>An entry to write.</summary>
/// <param name="Content">Null: the content is <paramref name="File"/> of the version, which is read when the entry is written.</param>
internal sealed record BundlePart(VersionFile Entry, byte[]? Content, VersionFile? File)
{
    public static BundlePart Of(string name, byte[] content) => new(
        new VersionFile(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content))), content, null);

    public static BundlePart Of(VersionFile file) =>
        new(new VersionFile(BundleEntries.OfFile(file.Path), file.Bytes, file.Sha256), null, file);
}

/// <summary>A bundle before it is written. The same version gives the same plan, and the same plan gives the same bytes.</summary>
public sealed record BundlePlan
{
    private BundlePlan(ModelVersion version, BundlePart list, IReadOnlyList<BundlePart> parts)
    {
        Version = version;
        List = list;
        Parts = parts;
    }

    /// <summary>SHA-256 of <c>bundle.json</c>, which holds the sums of all other entries. It identifies the content.</summary>
    public string ListSha256 => List.Entry.Sha256;

    /// <summary>The file name for saving it.</summary>
    public string FileName => $"{Version.Model}-{Version.Number}.bundle.zip";

    /// <summary>The signature to include; null: none.</summary>
    public byte[]? Seal { get; init; }

    internal ModelVersion Version { get; }

    /// <summary>The entry <c>bundle.json</c>.</summary>
    internal BundlePart List { get; }

    /// <summary>In ordinal order of their names.</summary>
    internal IReadOnlyList<BundlePart> Parts { get; }

    /// <summary>The entries that a signature of the bundle covers.</summary>
    internal IEnumerable<VersionFile> Sealed => [List.Entry, .. Parts.Select(part => part.Entry)];

    internal static BundlePlan Of(
        ModelVersion version, VersionOrigin origin, IEnumerable<BundlePart> parts, IReadOnlyList<VersionFile> omitted)
    {
        BundlePart[] sorted = [.. parts.OrderBy(part => part.Entry.Path, StringComparer.Ordinal)];
        var list = new BundleList
        {
            Format = BundleList.CurrentFormat, Origin = origin, Entries = [.. sorted.Select(part => part.Entry)], Omitted = omitted,
        };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(list, StoredJson.Readable);
        return new BundlePlan(version, BundlePart.Of(BundleEntries.List, json), sorted);
    }

    /// <summary>All entries in the order of the file: the list first, so that a reader knows what follows.</summary>
    internal IReadOnlyList<BundlePart> Entries()
    {
        BundlePart? seal = Seal is null ? null : BundlePart.Of(BundleEntries.Seal, Seal);
        return [List, BundlePart.Of(BundleEntries.Sums, SumsOf(List.Entry, seal?.Entry)), .. seal is null ? [] : new[] { seal }, .. Parts];
    }

    internal static byte[] SumsOf(VersionFile list, VersionFile? seal) => Encoding.UTF8.GetBytes(string.Concat(
        new[] { list, seal }.OfType<VersionFile>().Select(entry => $"{entry.Sha256}  {entry.Path}\n")));
}
