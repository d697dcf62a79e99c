using Modeldrop.Errors;
using Modeldrop.Speed;

namespace Modeldrop.Wire;

/// <summary>The memory of current requests: bodies, tensors and answers. Requests beyond its limit are refused.</summary>
internal sealed class MemoryBudget(long maxBytes)
{
    /// <summary>Smaller amounts are not counted: small requests pay nothing for the budget.</summary>
    public const int SmallBytes = 64 << 10;

    private long _held;
    private long _released;

    /// <summary>
    /// Turns to decode or encode a large body: at most half of the processors do so at the same time, so that small requests find a free
    /// thread.
    /// </summary>
    public SemaphoreSlim LargeTurns { get; } = new(SlowThreads.MaxLargeBodies);

    public long Held => Interlocked.Read(ref _held);

    /// <summary>Memory that was released and is garbage, unless it has been collected since.</summary>
    public long Released => Interlocked.Read(ref _released);

    /// <summary>Reports that this much of the garbage has been collected.</summary>
    public void Collected(long bytes) => Interlocked.Add(ref _released, -bytes);

    /// <exception cref="ServiceException"><see cref="ErrorCode.MemoryExhausted"/>; nothing is charged in this case.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > maxBytes)
        {
            Free(bytes);
            throw new ServiceException(ErrorCode.MemoryExhausted,
                $"There is not enough memory for this request now: all current requests may hold {maxBytes >> 20} MiB together. "
                + "Send less at once, or try again.");
        }
    }

    /// <summary>Ends the charge for memory that is now garbage.</summary>
    public void Release(long bytes)
    {
        Free(bytes);
        Interlocked.Add(ref _released, bytes);
    }

    /// <summary>Ends the charge for memory that needs no collection: a pool or the system has it back, or it was only assumed.</summary>
    public void Free(long bytes) => Interlocked.Add(ref _held, -bytes);
}
