using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Registry;

public sealed partial class RegistryService
{
    /// <summary>Adds companions that came late to a version: first the files, then the event.</summary>
    /// <param name="drop">The folder of the drop as it is staged now.</param>
    /// <param name="changed">Names of the files that are new or have changed.</param>
    /// <param name="late">The version's manifest, signature and data set with these files.</param>
    /// <param name="actor">Actor with the operation.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>.</exception>
    public async Task CompleteVersionAsync(
        VersionName version, StagedDrop drop, IReadOnlyList<string> changed, LateDrop late, Actor actor,
        CancellationToken cancellationToken)
    {
        await versions.AddLateAsync(version, drop, changed, late, cancellationToken);
        await AppendOnceAsync(version, new VersionCompleted(version.Number, changed) { Actor = actor }, cancellationToken);
    }

    /// <summary>Records that a version in use was validated again. A version that failed keeps serving, but gets no new traffic.</summary>
    /// <param name="reasons">Why it failed; empty: it passed.</param>
    /// <param name="actor">Actor with the operation.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>.</exception>
    public Task<ModelHead> RecordRevalidationAsync(
        VersionName version, IReadOnlyList<string> reasons, Actor actor, CancellationToken cancellationToken) =>
        AppendOnceAsync(version, new VersionRevalidated(version.Number, ErrorText.Bounded(reasons)) { Actor = actor }, cancellationToken);

    private Task<ModelHead> AppendOnceAsync<T>(VersionName version, T happened, CancellationToken cancellationToken)
        where T : RegistryEvent =>
        store.AppendOnceAsync(version.Model, happened.Actor.Operation, (head, own) =>
        {
            GetVersion(head, version.Number);
            return own.OfType<T>().Any() ? [] : [happened];
        }, cancellationToken);
}
