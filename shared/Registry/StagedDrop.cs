using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>A dropped package, as copied for an operation: the content of <c>staging/&lt;operation&gt;/staged.json</c>.</summary>
public sealed record StagedDrop
{
    public required OperationId Operation { get; init; }

    /// <summary>Folder of the files in the staging container, without the final <c>/</c>.</summary>
    public required string Folder { get; init; }

    /// <summary>The model's blob in the drop container.</summary>
    public required string DroppedAs { get; init; }

    /// <summary>ETag of the copied blob, without quotes.</summary>
    public required string ETag { get; init; }

    public required ModelName Model { get; init; }

    /// <summary>The path between the model's folder and the file; null if there is none.</summary>
    public string? Label { get; init; }

    /// <summary>See <see cref="DigestOf"/>.</summary>
    public required string Digest { get; init; }

    /// <summary>The model first, as <see cref="ModelVersion.ModelFile"/>; then its companions by path.</summary>
    public required IReadOnlyList<VersionFile> Files { get; init; }

    /// <summary>When the model was dropped, by the store's clock, to the second.</summary>
    public required DateTimeOffset DroppedAt { get; init; }

    public required DateTimeOffset StagedAt { get; init; }

    /// <summary>ETags of the dropped blobs, without quotes, by name. A blob with a different one has arrived since.</summary>
    public IReadOnlyDictionary<string, string> Taken { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Null: the files were dropped one by one.</summary>
    public StagedBundle? Bundle { get; init; }

    /// <summary>
    /// Whether a version has exactly these files, or these and the ones that the bundle left out: then the bundle was made from it.
    /// </summary>
    /// <param name="digest">The version's digest, see <see cref="DigestOf"/>.</param>
    public bool IsOf(string digest) =>
        digest == Digest || (Bundle is { Omitted: { Count: > 0 } omitted } && digest == DigestOf(Files.Concat(omitted)));

    public VersionFile? FindFile(string path) => Files.FirstOrDefault(file => file.Path == path);

    /// <summary>
    /// SHA-256 over the lines <c>path\nsha256\n</c> of all files in ordinal order of their paths. It identifies a package's content.
    /// </summary>
    public static string DigestOf(IEnumerable<VersionFile> files)
    {
        IEnumerable<string> lines = files.OrderBy(file => file.Path, StringComparer.Ordinal)
            .Select(file => $"{file.Path}\n{file.Sha256}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }
}

/// <summary>The result of staging. Exactly one of the three is set.</summary>
/// <param name="Drop">The staged package.</param>
/// <param name="Superseded">The model's blob is no longer the expected one: its successor has an operation of its own.</param>
/// <param name="Reasons">Why the drop is refused: all reasons.</param>
public sealed record StagingResult(StagedDrop? Drop, bool Superseded, IReadOnlyList<string> Reasons)
{
    internal static StagingResult Of(StagedDrop drop) => new(drop, false, []);

    internal static StagingResult Gone { get; } = new(null, true, []);

    internal static StagingResult Refused(IReadOnlyList<string> reasons) => new(null, false, reasons);
}

/// <summary>Content of <c>rejected.json</c>: why a drop did not become a version.</summary>
/// <param name="Path">The model's blob in the drop container.</param>
public sealed record DropRejection(string Path, DateTimeOffset At, OperationId Operation, IReadOnlyList<string> Reasons);
