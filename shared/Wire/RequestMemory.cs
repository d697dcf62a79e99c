using Modeldrop.Errors;

namespace Modeldrop.Wire;

/// <summary>One request's share of the budget; disposed with the request. For one thread at a time.</summary>
internal sealed class RequestMemory(MemoryBudget budget) : IDisposable
{
    private long _held;

    public MemoryBudget Budget => budget;

    /// <summary>Charges <paramref name="bytes"/> if they are large enough.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.MemoryExhausted"/>.</exception>
    public void Take(long bytes)
    {
        if (bytes > MemoryBudget.SmallBytes)
        {
            budget.Take(bytes);
            _held += bytes;
        }
    }

    public void Dispose()
    {
        if (_held > 0)
        {
            budget.Release(_held);
            _held = 0;
        }
    }
}
