using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Drops;

/// <summary>
/// The path of a model in the drop container: <c>&lt;model&gt;/model.onnx</c> or <c>&lt;model&gt;/&lt;anything…&gt;/model.onnx</c>; or of a
/// bundle, <c>&lt;model&gt;/&lt;anything…&gt;/any.bundle.zip</c>, which is a drop of its own regardless of other files beside it.
/// </summary>
/// <remarks>Any file name that ends in <c>.onnx</c>, in any case, is a model file; the version stores it as <c>model.onnx</c>.</remarks>
public sealed record DropPath
{
    private DropPath(string blobName, string folder, ModelName? model, string? label, IReadOnlyList<string> violations)
    {
        BlobName = blobName;
        Folder = folder;
        Model = model;
        Label = label;
        Violations = violations;
    }

    public string BlobName { get; }

    /// <summary>The folder with its final <c>/</c>; empty for a blob outside any folder.</summary>
    public string Folder { get; }

    /// <summary>Null if the first folder is not a model name; then there are <see cref="Violations"/>.</summary>
    public ModelName? Model { get; }

    /// <summary>The path between the model's folder and the file; null if there is none.</summary>
    public string? Label { get; }

    /// <summary>Why nothing can be registered from this path; empty if it can.</summary>
    public IReadOnlyList<string> Violations { get; }

    /// <summary>The name under which the event log records events of this drop.</summary>
    public ModelName LogName => Model ?? ModelName.Unnamed;

    /// <summary>The blob beside the drop that says why it was refused.</summary>
    public string RejectionBlob => Folder + ServiceFiles.Rejected;

    /// <summary>Whether it is a bundle, which contains the companions.</summary>
    public bool IsBundle => FileNames.IsBundle(BlobName);

    /// <summary>Null if the blob is neither a model file nor a bundle, so that its arrival starts nothing.</summary>
    public static DropPath? Find(string blobName)
    {
        if (!FileNames.IsModel(blobName) && !FileNames.IsBundle(blobName))
        {
            return null;
        }

        string[] segments = blobName.Split('/');
        string[] folders = segments[..^1];
        string folder = blobName[..(blobName.Length - segments[^1].Length)];
        ModelName? model = folders is [var first, ..] ? ModelName.Find(first) : null;
        string? label = folders.Length > 1 ? string.Join('/', folders[1..]) : null;

        var violations = new List<string>();
        if (folders.Length == 0)
        {
            violations.Add(
                $"'{blobName}' is not in a folder; put it into a folder with its model's name: '<model>/{ModelVersion.ModelFile}'.");
        }
        else if (model is null)
        {
            violations.Add(
                $"'{folders[0]}' is not a model name: 1 to 63 letters, digits, '.', '_' or '-', starting with a letter or a digit.");
        }

        violations.AddRange(segments.Skip(1).Where(segment => !FileNames.IsSafe(segment))
            .Select(segment => $"'{segment}' in '{blobName}' is not a usable folder or file name."));
        return new DropPath(blobName, folder, model, label, violations);
    }

    /// <summary>
    /// Whether the blob is staged together with the model: a file right beside it that is neither a model nor a document of the service.
    /// </summary>
    public bool IsCompanion(string blobName)
    {
        if (IsBundle || !blobName.StartsWith(Folder, StringComparison.Ordinal))
        {
            return false;
        }

        return FileNames.IsCompanion(blobName[Folder.Length..]);
    }
}
