namespace Modeldrop.Scoring;

/// <summary>A session in use: it is not unloaded before the lease is given back.</summary>
public readonly struct SessionLease : IDisposable
{
    private readonly SessionEntry _entry;

    internal SessionLease(SessionEntry entry) => _entry = entry;

    public ModelSession Session => _entry.Session;

    public void Dispose() => _entry.Release();
}

/// <summary>A loaded session with the number of its users; the cache itself is one of them.</summary>
internal sealed class SessionEntry(ModelSession session, long bytes)
{
    private int _users = 1;

    public ModelSession Session { get; } = session;

    public long Bytes { get; } = bytes;

    /// <summary>For the order of eviction; <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long LastUsed { get; set; }

    /// <summary>False when the session is being unloaded.</summary>
    public bool TryUse()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Session.Dispose();
        }
    }
}
