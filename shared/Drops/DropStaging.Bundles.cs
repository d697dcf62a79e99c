using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Modeldrop.Exchange.Bundles;
using Modeldrop.Registry;

namespace Modeldrop.Drops;

/// <remarks>A bundle is staged as the files that it contains, as if they had been dropped one by one.</remarks>
public sealed partial class DropStaging
{
    private const int ReadAheadBytes = 4 << 20;

    /// <summary>The staged files of a drop.</summary>
    /// <param name="Reasons">Why it is refused; empty if it is not.</param>
    private sealed record Package(IReadOnlyList<VersionFile> Files, StagedBundle? Bundle, IReadOnlyList<string> Reasons);

    /// <summary>Verifies and unpacks a bundle. Nothing is published before every hash has been verified.</summary>
    /// <returns>Null if the blob has changed meanwhile.</returns>
    private async Task<Package?> TryUnpackAsync(DropPath path, DropFile dropped, string folder, CancellationToken cancellationToken)
    {
        try
        {
            var options = new BlobOpenReadOptions(allowModifications: false)
            {
                BufferSize = ReadAheadBytes, Conditions = new BlobRequestConditions { IfMatch = new ETag(dropped.ETag) },
            };
            await using Stream content = await _drop.GetBlobClient(path.BlobName).OpenReadAsync(options, cancellationToken);
            await using BundleReader bundle = await BundleReader.OpenAsync(content, cancellationToken);
            DropFile[] files =
                [.. bundle.Files.Select(file => dropped with { Name = BundleEntries.FindFile(file.Path)!, Bytes = file.Bytes })];
            List<string> reasons = Refuse(files, _options.MaxModelBytes);
            return reasons.Count > 0 ? new Package([], null, reasons) : await UnpackAsync(bundle, folder, cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            return new Package([], null, [$"'{path.BlobName}' cannot be imported as a bundle. {exception.Message}"]);
        }
        catch (EndOfStreamException)
        {
            return new Package([], null, [$"'{path.BlobName}' cannot be imported as a bundle. It is cut off."]);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            return null;
        }
    }

    private async Task<Package> UnpackAsync(BundleReader bundle, string folder, CancellationToken cancellationToken)
    {
        foreach (VersionFile document in bundle.Documents)
        {
            await bundle.VerifyAsync(document, cancellationToken);
        }

        List<VersionFile> files = [];
        foreach (VersionFile entry in bundle.Files)
        {
            VersionFile file = entry with { Path = BundleEntries.FindFile(entry.Path)! };
            await using Stream content = await bundle.OpenAsync(entry, cancellationToken);
            BlockBlobClient target = _staging.GetBlockBlobClient($"{folder}/{file.Path}");
            await BlobCopy.StoreAsync(entry.Path, content, file.Bytes, file.Sha256, target, cancellationToken);
            files.Add(file);
        }

        var staged = new StagedBundle(bundle.List.Origin, bundle.Sealed, bundle.List.Omitted, bundle.Seal);
        return new Package(files, staged, []);
    }
}
