using System.Text.Json.Serialization;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Tensors;

namespace Modeldrop.Registry;

/// <summary>A stored file of a version.</summary>
/// <param name="Path">Relative to the version's folder, with <c>/</c>.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
/// <param name="StoredAt">Path below the version's folder of a file that came late (<see cref="LateDrop"/>); null: stored at its
/// path.</param>
public sealed record VersionFile(string Path, long Bytes, string Sha256, string? StoredAt = null);

/// <summary>A version of a data set.</summary>
/// <param name="Digest">SHA-256 of its bytes, lower-case hexadecimal.</param>
public sealed record DatasetReference(string Name, int Version, string Digest);

/// <summary>The properties of an ONNX file.</summary>
public sealed record ModelInspection
{
    private static readonly string[] LoopOperators =
    [
        "ai.onnx:Loop", "com.microsoft:BeamSearch", "com.microsoft:GreedySearch", "com.microsoft:Sampling",
        "com.microsoft:WhisperBeamSearch",
    ];

    public required Signature Signature { get; init; }

    /// <summary>Operator-set version by domain; the default domain is <c>ai.onnx</c>.</summary>
    public required IReadOnlyDictionary<string, long> Opsets { get; init; }

    /// <summary>Node count by <c>domain:type</c>.</summary>
    public required IReadOnlyDictionary<string, int> Operators { get; init; }

    /// <summary>
    /// Whether a part of the graph may run any number of times in one run. <c>Scan</c> is not such a part: its input has a length.
    /// </summary>
    [JsonIgnore]
    public bool Loops => HasLoops(Operators);

    public required long IrVersion { get; init; }

    public required string Producer { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required long Parameters { get; init; }

    /// <summary>Peak memory for loading the model and scoring one row, in bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Files beside the model that contain its weights.</summary>
    public IReadOnlyList<string> ExternalFiles { get; init; } = [];

    /// <summary>Class names in the order of the probability columns, if the graph has a classifier that names them.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <inheritdoc cref="Loops"/>
    /// <param name="operators">As <see cref="Operators"/>.</param>
    internal static bool HasLoops(IReadOnlyDictionary<string, int> operators) => LoopOperators.Any(operators.ContainsKey);
}

/// <summary>Companions that came after their drop had become a version, as stored in <c>late.json</c> beside <c>version.json</c>.</summary>
public sealed record LateDrop
{
    /// <summary>All files that came late, by path. Each is stored below <c>late/</c> under its hash and never changes.</summary>
    public required IReadOnlyList<VersionFile> Files { get; init; }

    /// <summary>The present manifest: the late <c>model.json</c> if there is one.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>The present signature: late data or a late manifest may name columns.</summary>
    public required Signature Signature { get; init; }

    /// <summary>Reference of late reference data; null: the version's own applies.</summary>
    public DatasetReference? Dataset { get; init; }

    /// <summary>Findings about the signatures that lie beside the files now; null: there are none, and the version's own apply.</summary>
    public IReadOnlyList<SignatureFinding>? Signatures { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Id of the operation that took the newest files.</summary>
    public required OperationId Operation { get; init; }
}

/// <summary>
/// An upload, as stored in <c>models/&lt;model&gt;/&lt;version&gt;/version.json</c>, which never changes. Its status is in
/// <see cref="ModelHead"/>; companions that came late are added when it is read.
/// </summary>
public sealed record ModelVersion
{
    /// <summary>Path of the model file in <see cref="Files"/>.</summary>
    public const string ModelFile = "model.onnx";

    public required ModelName Model { get; init; }

    /// <summary>Counted from 1.</summary>
    [JsonPropertyName("version")]
    public required int Number { get; init; }

    [JsonIgnore]
    public VersionName Name => new(Model, Number);

    /// <summary>
    /// SHA-256 over paths and hashes of all files of the drop: the same bytes have the same digest. Late files do not change it.
    /// </summary>
    public required string Digest { get; init; }

    /// <summary>SHA-256 of the model file alone.</summary>
    public required string ModelSha256 { get; init; }

    public required IReadOnlyList<VersionFile> Files { get; init; }

    public required ModelInspection Inspection { get; init; }

    public required Manifest Manifest { get; init; }

    /// <summary>The data set on which the version was trained, if reference data came with it.</summary>
    public DatasetReference? Dataset { get; init; }

    /// <summary>The folder below the model's in the drop container; null if there was none.</summary>
    public string? SourceLabel { get; init; }

    /// <summary>When the model was dropped, by the store's clock, to the second. It decides which of two versions is newer.</summary>
    public required DateTimeOffset DroppedAt { get; init; }

    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>Id of the operation that registered it.</summary>
    public required OperationId Operation { get; init; }

    /// <summary>The version from which it was imported as a bundle; null: it was dropped here.</summary>
    public VersionOrigin? Origin { get; init; }

    /// <summary>Files of the original version that its bundle left out; null: none.</summary>
    public IReadOnlyList<VersionFile>? Omitted { get; init; }

    /// <summary>Findings about the signatures that came with it, at once or late; null: there were none.</summary>
    public IReadOnlyList<SignatureFinding>? Signatures { get; init; }

    /// <summary>When companions last came late; null: never.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Id of the operation that took them.</summary>
    public OperationId? CompletedBy { get; init; }

    public VersionFile? FindFile(string path) => Files.FirstOrDefault(file => file.Path == path);

    /// <summary>Returns the version with the companions that came late.</summary>
    public ModelVersion With(LateDrop late) => this with
    {
        Files = [.. Files.Where(file => late.Files.All(other => other.Path != file.Path)), .. late.Files],
        Manifest = late.Manifest,
        Inspection = Inspection with { Signature = late.Signature },
        Dataset = late.Dataset ?? Dataset,
        Signatures = late.Signatures is { } found
            ? [.. (Signatures ?? []).Where(finding => found.All(other => other.File != finding.File)), .. found]
            : Signatures,
        CompletedAt = late.TakenAt,
        CompletedBy = late.Operation,
    };
}
