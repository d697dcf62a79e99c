using Modeldrop.Scoring.Running;
using Modeldrop.Scoring.Sessions;

namespace Modeldrop.Scoring.Cache;

/// <summary>A loaded version: its session, and the queue in which requests wait for a run.</summary>
/// <remarks>Reference-counted like the session: each holder disposes it once, and the last one closes the session.</remarks>
public sealed class LoadedVersion : IDisposable
{
    internal LoadedVersion(ModelSession session, RunQueue queue) => (Session, Queue) = (session, queue);

    public ModelSession Session { get; }

    internal RunQueue Queue { get; }

    public void Dispose() => Session.Dispose();
}
