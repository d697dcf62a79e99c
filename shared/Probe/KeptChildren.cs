using Modeldrop.Names;

namespace Modeldrop.Probe;

/// <summary>
/// Children that have inspected a drop and stay for its validation, which then needs no new process. A child opens one model only.
/// </summary>
/// <remarks>
/// Starting a process takes half of the processor time of a small model's child. Nothing depends on finding a child here: the oldest ends
/// when there are too many, and each ends after <see cref="Patience"/>. Thread-safe.
/// </remarks>
/// <param name="most">Number of children that may stay at the same time.</param>
internal sealed class KeptChildren(int most, TimeProvider clock) : IDisposable
{
    /// <summary>Memory of a child that may stay, in bytes. A start is a small part of the work of a larger one.</summary>
    public const long MaxBytes = 256L << 20;

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<Kept> _kept = [];
    private bool _closed;

    public int Count
    {
        get
        {
            lock (_kept)
            {
                return _kept.Count;
            }
        }
    }

    /// <summary>Takes over a child that has answered.</summary>
    public void Keep(OperationId operation, ProbeChild child)
    {
        List<Kept> surplus = [];
        lock (_kept)
        {
            _kept.Add(new Kept(operation, child, clock.CreateTimer(_ => End(child), state: null, Patience, Timeout.InfiniteTimeSpan)));
            while (_kept.Count > (_closed ? 0 : most))
            {
                surplus.Add(_kept[0]);
                _kept.RemoveAt(0);
            }
        }

        surplus.ForEach(EndSoon);
    }

    /// <returns>The child of <paramref name="operation"/>, which the caller disposes; null: there is none.</returns>
    public ProbeChild? Take(OperationId operation)
    {
        if (Remove(kept => kept.Operation == operation) is not { } found)
        {
            return null;
        }

        if (!found.Child.Exited.IsCompleted)
        {
            found.Timer.Dispose();
            return found.Child;
        }

        EndSoon(found);
        return null;
    }

    public void Dispose()
    {
        lock (_kept)
        {
            _closed = true;
        }

        while (Remove(_ => true) is { } kept)
        {
            kept.Dispose();
        }
    }

    private void End(ProbeChild child)
    {
        if (Remove(kept => kept.Child == child) is { } found)
        {
            EndSoon(found);
        }
    }

    // Nobody waits for it, and it may block.
    private static void EndSoon(Kept kept) => _ = kept.DisposeAsync().AsTask();

    private Kept? Remove(Predicate<Kept> which)
    {
        lock (_kept)
        {
            int index = _kept.FindIndex(which);
            if (index < 0)
            {
                return null;
            }

            Kept found = _kept[index];
            _kept.RemoveAt(index);
            return found;
        }
    }

    private sealed record Kept(OperationId Operation, ProbeChild Child, ITimer Timer) : IDisposable, IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Timer.DisposeAsync();
            await Child.DisposeAsync();
        }

        public void Dispose()
        {
            Timer.Dispose();
            Child.Dispose();
        }
    }
}
