using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>The version, of another installation or of another model, from which a version was imported as a bundle.</summary>
/// <param name="Installation">The name that the other installation gives itself.</param>
/// <param name="Digest">See <see cref="ModelVersion.Digest"/>. It differs from the new version's if the bundle left files
/// out.</param>
/// <param name="ReportSha256">SHA-256 of its validation report there; null: it had none.</param>
/// <param name="Dataset">The data set on which it was trained, with its name there.</param>
public sealed record VersionOrigin(
    string Installation, ModelName Model, int Version, string Digest, string? ReportSha256, DatasetReference? Dataset)
{
    /// <summary>Its origins before that, the nearest first; at most <see cref="MaxEarlier"/>.</summary>
    public IReadOnlyList<VersionOrigin> Earlier { get; init; } = [];

    /// <summary>Bounds the list when a version is exchanged in circles.</summary>
    public const int MaxEarlier = 10;
}

/// <summary>The bundle from which a staged drop was unpacked.</summary>
/// <param name="Entries">All files that a signature of the bundle covers, by their path in the bundle; all hashes are verified.</param>
/// <param name="Omitted">Files of the version that were left out, by their path in the version.</param>
/// <param name="Seal">The signature of the bundle; null: it has none.</param>
public sealed record StagedBundle(
    VersionOrigin Origin, IReadOnlyList<VersionFile> Entries, IReadOnlyList<VersionFile> Omitted, string? Seal);
