using Modeldrop.Manifests;
using Modeldrop.Registry;
using Modeldrop.Tabular;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>
/// The results of inspecting a staged drop, before it becomes a version: <c>staging/&lt;operation&gt;/inspection.json</c>.
/// </summary>
/// <param name="Reference">Null if there is no reference data set.</param>
public sealed record StagedInspection(ModelInspection Inspection, Manifest Manifest, ReferenceFile? Reference)
{
    public const string FileName = "inspection.json";

    /// <summary>The findings about the signatures that came with it.</summary>
    public IReadOnlyList<SignatureFinding> Signatures { get; init; } = [];
}

/// <param name="File">Its name among the files of the version.</param>
/// <param name="Profile">Null for a document that was staged before profiles existed.</param>
public sealed record ReferenceFile(string File, long Rows, IReadOnlyList<string> Columns, IReadOnlyList<ColumnProfile>? Profile = null);
