using Modeldrop.Scoring.Running;
using Modeldrop.Scoring.Sessions;

namespace Modeldrop.Scoring.Cache;

/// <summary>A version that is loaded: its session, and the queue in which requests wait for a run of it.</summary>
/// <remarks>Held by its callers as the session is: each disposes it once, and the last one closes the session.</remarks>
public sealed class LoadedVersion : IDisposable
{
    internal LoadedVersion(ModelSession session, RunQueue queue) => (Session, Queue) = (session, queue);

    public ModelSession Session { get; }

    internal RunQueue Queue { get; }

    public void Dispose() => Session.Dispose();
}
