using Modeldrop.Manifests;
using Modeldrop.Registry;
using Modeldrop.Tabular;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>What was found out about a staged drop before it became a version: <c>staging/&lt;operation&gt;/inspection.json</c>.</summary>
/// <param name="Reference">Null when there is no reference data set.</param>
public sealed record StagedInspection(ModelInspection Inspection, Manifest Manifest, ReferenceFile? Reference)
{
    public const string FileName = "inspection.json";

    /// <summary>What became of the signatures that came with it.</summary>
    public IReadOnlyList<SignatureFinding> Signatures { get; init; } = [];
}

/// <param name="File">Its name among the files of the version.</param>
/// <param name="Profile">Null in one that was staged before profiles were made.</param>
public sealed record ReferenceFile(string File, long Rows, IReadOnlyList<string> Columns, IReadOnlyList<ColumnProfile>? Profile = null);
