using System.IO.Compression;
using Modeldrop.Registry;

namespace Modeldrop.Exchange.Bundles;

/// <summary>Writes a bundle as a zip file of stored entries, from its begin to its end.</summary>
/// <remarks>Nothing is compressed: models do not compress, and a reader needs no more room than the file. Memory is one block.</remarks>
internal static class BundleWriter
{
    private const int BlockBytes = 1 << 20;

    /// <summary>The first one that a zip file can say. The files have no time of their own.</summary>
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A plain file that its owner may write and everybody read.</summary>
    private const int PlainFile = unchecked((int)0x81A4_0000);

    /// <param name="output">Need not seek.</param>
    /// <param name="open">Opens a file of the version.</param>
    public static async Task WriteAsync(
        IReadOnlyList<BundlePart> parts, Stream output, Func<VersionFile, Task<Stream>> open, CancellationToken cancellationToken)
    {
        var zipped = new AsyncOutput(output);
        await using (ZipArchive archive = await ZipArchive.CreateAsync(
            zipped, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken))
        {
            foreach (BundlePart part in parts)
            {
                await WriteAsync(archive, part, open, cancellationToken);
            }
        }

        await zipped.FlushAsync(cancellationToken);
    }

    private static async Task WriteAsync(
        ZipArchive archive, BundlePart part, Func<VersionFile, Task<Stream>> open, CancellationToken cancellationToken)
    {
        ZipArchiveEntry entry = archive.CreateEntry(part.Entry.Path, CompressionLevel.NoCompression);
        entry.LastWriteTime = NoTime;
        entry.ExternalAttributes = PlainFile;
        await using Stream target = await entry.OpenAsync(cancellationToken);
        if (part.Content is { } content)
        {
            await target.WriteAsync(content, cancellationToken);
            return;
        }

        await using Stream source = await open(part.File!);
        await source.CopyToAsync(target, BlockBytes, cancellationToken);
    }
}
