using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Registration;

public enum LateFileAction
{
    /// <summary>The files are already those of the version.</summary>
    Nothing,

    /// <summary>The same version is validated again with the files as they are now.</summary>
    Revalidate,

    /// <summary>The model or its weights differ, so they become another version.</summary>
    Register,
}

/// <summary>The decision about files that arrived after their drop was taken.</summary>
/// <param name="Files">Names of the files that are new or have changed.</param>
public sealed record LateFileDecision(LateFileAction Action, IReadOnlyList<string> Files);

public enum LateFailureAction
{
    /// <summary>The version has passed.</summary>
    Nothing,

    /// <summary>The previous champion takes over; the version is marked as failed.</summary>
    RollBack,

    /// <summary>The version keeps serving but gets no new traffic. The page marks it as failed; a champion also raises an alert.</summary>
    MarkFailed,
}

/// <summary>Decides what to do with companions that arrive after their drop was taken: they are never ignored. Pure.</summary>
public static class LateFiles
{
    /// <param name="late">The folder as it is staged now, with the model's blob unchanged.</param>
    /// <param name="version">The version that the drop has become.</param>
    public static LateFileDecision Decide(StagedDrop late, ModelVersion version)
    {
        string[] changed = [.. late.Files
            .Where(file => version.FindFile(file.Path)?.Sha256 != file.Sha256)
            .Select(file => file.Path).Order(StringComparer.Ordinal)];
        LateFileAction action = changed.Length == 0 ? LateFileAction.Nothing
            : changed.Intersect([ModelVersion.ModelFile, .. version.Inspection.ExternalFiles]).Any() ? LateFileAction.Register
            : LateFileAction.Revalidate;
        return new LateFileDecision(action, changed);
    }

    /// <summary>Decides what follows a validation that late files started. If it failed, <c>rejected.json</c> is written as well.</summary>
    /// <param name="hasPredecessor">Whether there is a version to roll back to.</param>
    public static LateFailureAction AfterValidation(bool isValid, bool isChampion, bool hasPredecessor) =>
        isValid ? LateFailureAction.Nothing
        : isChampion && hasPredecessor ? LateFailureAction.RollBack
        : LateFailureAction.MarkFailed;
}
