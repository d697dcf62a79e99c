using System.Text;

namespace Modeldrop.Names;

/// <summary>Rules for names of dropped files: which are models, which are companions, and which can be stored at all.</summary>
public static class FileNames
{
    /// <summary>A file of this name says that all files of its folder have arrived. It is not a companion.</summary>
    public const string Ready = "_READY";

    // File systems allow 255, and the files are unpacked under their names.
    private const int MaxBytes = 200;

    private const string ModelExtension = ".onnx";

    private const string BundleExtension = ".bundle.zip";

    /// <summary>Whether the arrival of such a file starts a registration.</summary>
    public static bool IsModel(string name) => name.EndsWith(ModelExtension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a file of this name contains a whole version; its arrival starts a registration too.</summary>
    public static bool IsBundle(string name) => name.EndsWith(BundleExtension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a file of this name, right beside a model, is its companion.</summary>
    public static bool IsCompanion(string name) =>
        name.Length > 0 && name != Ready && !name.Contains('/') && !IsModel(name) && !IsBundle(name) && !ServiceFiles.IsReserved(name);

    /// <summary>Whether the blob would be a companion if a model were beside it.</summary>
    public static bool IsCompanionBlob(string blobName) =>
        blobName.LastIndexOf('/') is var slash and >= 0 && IsCompanion(blobName[(slash + 1)..]);

    /// <summary>Whether a name denotes the same file of its folder on every system to which the files may be copied.</summary>
    public static bool IsSafe(string name) =>
        name is not ("" or "." or "..")
        && Encoding.UTF8.GetByteCount(name) <= MaxBytes
        && !name.Any(character => char.IsControl(character) || character is '\\' or ':');
}
