using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Registration;

public enum LateFileAction
{
    /// <summary>The files are those of the version.</summary>
    Nothing,

    /// <summary>The same version is validated again, with the files as they are now.</summary>
    Revalidate,

    /// <summary>The model or its weights are others: they make another version.</summary>
    Register,
}

/// <summary>What files mean that came after their drop was taken.</summary>
/// <param name="Files">Those that are new or have changed, by name.</param>
public sealed record LateFileDecision(LateFileAction Action, IReadOnlyList<string> Files);

public enum LateFailureAction
{
    /// <summary>The version has passed.</summary>
    Nothing,

    /// <summary>The champion before it takes over; the version is marked as failed.</summary>
    RollBack,

    /// <summary>
    /// It serves where it serves, and gets no new traffic: it is marked as failed on the page, a champion by an alert too.
    /// </summary>
    MarkFailed,
}

/// <summary>Decides what companions mean that come after their drop was taken: they are never ignored. Pure.</summary>
public static class LateFiles
{
    /// <param name="late">The folder as it is staged now, with the model's blob as it was.</param>
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

    /// <summary>What follows a validation that late files have started. If it failed, <c>rejected.json</c> is written as well.</summary>
    /// <param name="hasPredecessor">Whether a roll back has somewhere to go.</param>
    public static LateFailureAction AfterValidation(bool isValid, bool isChampion, bool hasPredecessor) =>
        isValid ? LateFailureAction.Nothing
        : isChampion && hasPredecessor ? LateFailureAction.RollBack
        : LateFailureAction.MarkFailed;
}
