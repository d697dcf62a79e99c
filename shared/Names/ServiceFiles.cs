namespace Modeldrop.Names;

/// <summary>Names of the documents that the service writes beside the user's files.</summary>
public static class ServiceFiles
{
    /// <summary>Why a drop was refused; beside the drop in its container.</summary>
    public const string Rejected = "rejected.json";

    /// <summary>The staged package of an operation.</summary>
    public const string Staged = "staged.json";

    /// <summary>The record of a version.</summary>
    public const string Version = "version.json";

    /// <summary>The companions of a version that came late: the registry's <c>LateDrop</c>.</summary>
    public const string Late = "late.json";

    private static readonly HashSet<string> Names =
        new([Rejected, Staged, Version, Late, .. VersionDocuments.All], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a dropped file of this name is ignored, because the version's folder has a document of the service with that name.
    /// </summary>
    public static bool IsReserved(string name) => Names.Contains(name);
}
