using Modeldrop.Errors;

namespace Modeldrop.Wire;

/// <summary>The memory of requests that are under way: bodies, tensors and answers. Beyond its limit requests are refused.</summary>
internal sealed class MemoryBudget(long maxBytes)
{
    /// <summary>What is smaller is not counted: small requests pay nothing for the budget.</summary>
    public const int SmallBytes = 64 << 10;

    private long _held;
    private long _released;

    public long Held => Interlocked.Read(ref _held);

    /// <summary>What was held and is garbage now, unless it was collected since.</summary>
    public long Released => Interlocked.Read(ref _released);

    /// <summary>Says that so much of the garbage has been collected.</summary>
    public void Collected(long bytes) => Interlocked.Add(ref _released, -bytes);

    /// <exception cref="ServiceException"><see cref="ErrorCode.MemoryExhausted"/>; nothing is taken then.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > maxBytes)
        {
            Release(bytes);
            throw new ServiceException(ErrorCode.MemoryExhausted,
                $"There is no memory for this request now: the requests under way may hold {maxBytes >> 20} MiB together. "
                + "Send less at once, or try again.");
        }
    }

    public void Release(long bytes)
    {
        Interlocked.Add(ref _held, -bytes);
        Interlocked.Add(ref _released, bytes);
    }
}
