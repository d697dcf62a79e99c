namespace Modeldrop.Names;

/// <summary>Names of the documents that the service writes beside files of the user.</summary>
public static class ServiceFiles
{
    /// <summary>Why a drop was refused, beside it in the drop container.</summary>
    public const string Rejected = "rejected.json";

    /// <summary>What an operation has staged.</summary>
    public const string Staged = "staged.json";

    /// <summary>The record of a version.</summary>
    public const string Version = "version.json";

    /// <summary>The companions of a version that came late: the registry's <c>LateDrop</c>.</summary>
    public const string Late = "late.json";

    private static readonly HashSet<string> Names =
        new([Rejected, Staged, Version, Late, .. VersionDocuments.All], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a dropped file of this name is left alone, since the version's folder has a document of ours under that name.
    /// </summary>
    public static bool IsReserved(string name) => Names.Contains(name);
}
