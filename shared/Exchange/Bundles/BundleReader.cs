using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Modeldrop.Registry;

namespace Modeldrop.Exchange.Bundles;

/// <summary>Reads a bundle from elsewhere. Trusts no entry before its sum is verified, and unpacks nothing in memory.</summary>
/// <remarks>
/// A bundle holds exactly the listed entries, none of them compressed, and together they are no larger than the file. This rules out a zip
/// bomb, two files of one name, and a path that leads elsewhere.
/// </remarks>
internal sealed class BundleReader : IAsyncDisposable
{
    /// <summary>Entries: the most companions that settings can allow, and a few documents.</summary>
    private const int MaxEntries = 10_010;

    private const int MaxListBytes = 8 << 20;

    private const int MaxSumsBytes = 1 << 10;

    private const int MaxSealBytes = 256 << 10;

    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries;

    private BundleReader(ZipArchive archive, Dictionary<string, ZipArchiveEntry> entries, BundleList list, VersionFile listed, string? seal)
    {
        _archive = archive;
        _entries = entries;
        List = list;
        Seal = seal;
        Sealed = [listed, .. list.Entries];
        Files = [.. list.Entries.Where(entry => BundleEntries.FindFile(entry.Path) is not null)
            .OrderBy(entry => BundleEntries.FindFile(entry.Path) == ModelVersion.ModelFile ? 0 : 1)
            .ThenBy(entry => entry.Path, StringComparer.Ordinal)];
        Documents = [.. list.Entries.Except(Files)];
    }

    public BundleList List { get; }

    /// <summary>The signature; null: there is none.</summary>
    public string? Seal { get; }

    /// <summary>The entries that a signature covers.</summary>
    public IReadOnlyList<VersionFile> Sealed { get; }

    /// <summary>Entries that are files of the version, the model first.</summary>
    public IReadOnlyList<VersionFile> Files { get; }

    public IReadOnlyList<VersionFile> Documents { get; }

    /// <summary>Reads the directory and the list, and compares them. The sum of an entry is verified when the entry is read.</summary>
    /// <param name="bundle">Seekable; stays open.</param>
    /// <exception cref="InvalidDataException">The file is not a bundle; the message says why.</exception>
    public static async Task<BundleReader> OpenAsync(Stream bundle, CancellationToken cancellationToken)
    {
        await ZipDirectory.CheckAsync(bundle, cancellationToken);
        ZipArchive archive = await ZipArchive.CreateAsync(
            bundle, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        try
        {
            Dictionary<string, ZipArchiveEntry> entries = CheckEntries(archive, bundle.Length);
            byte[] list = await ReadAsync(entries, BundleEntries.List, MaxListBytes, cancellationToken);
            byte[] sums = await ReadAsync(entries, BundleEntries.Sums, MaxSumsBytes, cancellationToken);
            byte[]? seal = entries.ContainsKey(BundleEntries.Seal)
                ? await ReadAsync(entries, BundleEntries.Seal, MaxSealBytes, cancellationToken)
                : null;
            VersionFile listed = BundlePart.Of(BundleEntries.List, list).Entry;
            VersionFile? signature = seal is null ? null : BundlePart.Of(BundleEntries.Seal, seal).Entry;
            if (!sums.AsSpan().SequenceEqual(BundlePlan.SumsOf(listed, signature)))
            {
                throw new InvalidDataException(
                    $"'{BundleEntries.List}' or '{BundleEntries.Seal}' does not have the SHA-256 in '{BundleEntries.Sums}'.");
            }

            BundleList read = BundleListReader.Read(list);
            CheckListed(read, entries);
            return new BundleReader(archive, entries, read, listed, seal is null ? null : Encoding.UTF8.GetString(seal));
        }
        catch
        {
            await archive.DisposeAsync();
            throw;
        }
    }

    /// <summary>The content of an entry, not verified.</summary>
    public Task<Stream> OpenAsync(VersionFile entry, CancellationToken cancellationToken) =>
        _entries[entry.Path].OpenAsync(cancellationToken);

    /// <summary>Reads an entry to its end.</summary>
    /// <exception cref="InvalidDataException">The content has another sum.</exception>
    public async Task VerifyAsync(VersionFile entry, CancellationToken cancellationToken)
    {
        await using Stream content = await OpenAsync(entry, cancellationToken);
        string sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
        if (sha256 != entry.Sha256)
        {
            throw NotAsListed(entry);
        }
    }

    public ValueTask DisposeAsync() => _archive.DisposeAsync();

    public static InvalidDataException NotAsListed(VersionFile entry) =>
        new($"'{entry.Path}' does not have the SHA-256 in '{BundleEntries.List}'.");

    private static Dictionary<string, ZipArchiveEntry> CheckEntries(ZipArchive archive, long bytes)
    {
        if (archive.Entries.Count > MaxEntries)
        {
            throw new InvalidDataException($"It has {archive.Entries.Count} entries; at most {MaxEntries} are accepted.");
        }

        // A file system that ignores case would keep only one of two such files.
        var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (!BundleEntries.IsKnown(entry.FullName))
            {
                throw new InvalidDataException($"'{Short(entry.FullName)}' is not the name of a bundle entry.");
            }

            if (entry.Length != entry.CompressedLength || entry.IsEncrypted)
            {
                throw new InvalidDataException($"'{entry.FullName}' is compressed or encrypted; bundle entries must be neither.");
            }

            bytes -= entry.Length;
            if (!entries.TryAdd(entry.FullName, entry) || bytes < 0)
            {
                throw new InvalidDataException(bytes < 0
                    ? "Its entries overlap: together they are larger than the file."
                    : $"It has two entries named '{entry.FullName}'.");
            }
        }

        return entries;
    }

    private static void CheckListed(BundleList list, Dictionary<string, ZipArchiveEntry> entries)
    {
        HashSet<string> listed = new(list.Entries.Select(entry => entry.Path), StringComparer.Ordinal);
        if (entries.Keys.FirstOrDefault(name => !listed.Contains(name) && !BundleEntries.IsOwn(name)) is { } stranger)
        {
            throw new InvalidDataException($"'{stranger}' is not listed in '{BundleEntries.List}'.");
        }

        foreach (VersionFile entry in list.Entries)
        {
            if (!entries.TryGetValue(entry.Path, out ZipArchiveEntry? present) || present.FullName != entry.Path)
            {
                throw new InvalidDataException($"'{entry.Path}' is listed in '{BundleEntries.List}' but is missing.");
            }

            if (present.Length != entry.Bytes)
            {
                throw new InvalidDataException(
                    $"'{entry.Path}' has {present.Length} bytes, but {entry.Bytes} in '{BundleEntries.List}'.");
            }
        }
    }

    private static async Task<byte[]> ReadAsync(
        Dictionary<string, ZipArchiveEntry> entries, string name, int maxBytes, CancellationToken cancellationToken)
    {
        if (!entries.TryGetValue(name, out ZipArchiveEntry? entry) || entry.FullName != name)
        {
            throw new InvalidDataException($"It has no entry '{name}'.");
        }

        if (entry.Length > maxBytes)
        {
            throw new InvalidDataException($"'{name}' has {entry.Length} bytes; at most {maxBytes} are accepted.");
        }

        byte[] content = new byte[entry.Length];
        await using Stream stream = await entry.OpenAsync(cancellationToken);
        await stream.ReadExactlyAsync(content, cancellationToken);
        return content;
    }

    private static string Short(string name) => name.Length <= 100 ? name : name[..100] + "…";
}
