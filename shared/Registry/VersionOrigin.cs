using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>The version of another installation, or of another model, that a version was made of by a bundle.</summary>
/// <param name="Installation">What the other installation calls itself.</param>
/// <param name="Digest">See <see cref="ModelVersion.Digest"/>. It differs from ours when the bundle left files out.</param>
/// <param name="ReportSha256">Of the validation report that it had there; null: it had none.</param>
/// <param name="Dataset">What it was trained on, as it is called there.</param>
public sealed record VersionOrigin(
    string Installation, ModelName Model, int Version, string Digest, string? ReportSha256, DatasetReference? Dataset)
{
    /// <summary>Where it came from before that, the nearest first; at most <see cref="MaxEarlier"/>.</summary>
    public IReadOnlyList<VersionOrigin> Earlier { get; init; } = [];

    /// <summary>A version that goes round in circles must not grow for ever.</summary>
    public const int MaxEarlier = 10;
}

/// <summary>What a staged drop was unpacked from.</summary>
/// <param name="ListSha256">Of <c>bundle.json</c>: the name of the bundle's content.</param>
/// <param name="Entries">Everything that a signature of the bundle covers, by its path in the bundle; all sums are verified.</param>
/// <param name="Omitted">Files of the version that were left out, by their path in the version.</param>
/// <param name="Seal">The signature of the bundle; null: it has none.</param>
public sealed record StagedBundle(
    VersionOrigin Origin, string ListSha256, IReadOnlyList<VersionFile> Entries, IReadOnlyList<VersionFile> Omitted, string? Seal);
