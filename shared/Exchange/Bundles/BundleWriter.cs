using System.IO.Compression;
using Modeldrop.Registry;

namespace Modeldrop.Exchange.Bundles;

/// <summary>Writes a bundle sequentially, as a zip file of stored entries.</summary>
/// <remarks>
/// Nothing is compressed: models hardly compress, and a reader needs no more space than the file. Needs memory for one block.
/// </remarks>
internal static class BundleWriter
{
    private const int BlockBytes = 1 << 20;

    /// <summary>The earliest time that a zip file can express. The files have no time of their own.</summary>
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A regular file that its owner may write and everybody may read.</summary>
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
