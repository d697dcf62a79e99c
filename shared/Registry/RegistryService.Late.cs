using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Registry;

public sealed partial class RegistryService
{
    /// <summary>Adds companions that came late to a version: files first, then the event that says so.</summary>
    /// <param name="drop">The folder of the drop as it is staged now.</param>
    /// <param name="changed">Which of its files are new or other ones, by name.</param>
    /// <param name="late">What the version is with them; its files are taken from <paramref name="drop"/>.</param>
    /// <param name="actor">With the operation.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>.</exception>
    public async Task CompleteVersionAsync(
        VersionName version, StagedDrop drop, IReadOnlyList<string> changed, LateDrop late, Actor actor,
        CancellationToken cancellationToken)
    {
        await versions.AddLateAsync(version, drop, changed, late, cancellationToken);
        await AppendOnceAsync(version, new VersionCompleted(version.Number, changed) { Actor = actor }, cancellationToken);
    }

    /// <summary>
    /// Records that a version in use was validated again. One that failed serves where it serves, and gets no new traffic.
    /// </summary>
    /// <param name="reasons">Why it failed; empty: it passed.</param>
    /// <param name="actor">With the operation.</param>
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
