using Modeldrop.Errors;

namespace Modeldrop.Wire;

/// <summary>One request's share of the budget; disposed with the request. For one thread at a time.</summary>
internal sealed class RequestMemory(MemoryBudget budget) : IDisposable
{
    /// <summary>A body of this size takes a few milliseconds to decode.</summary>
    private const int LargeBytes = 256 << 10;

    private long _held;
    private long _assumed;
    private bool _hasTurn;

    public MemoryBudget Budget => budget;

    /// <summary>The bytes that the request has been charged for.</summary>
    public long Held => _held + _assumed;

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

    /// <summary>Charges for memory of a size that is known only later, by <see cref="Settle"/>.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.MemoryExhausted"/>.</exception>
    public void Assume(long bytes)
    {
        if (bytes > MemoryBudget.SmallBytes)
        {
            budget.Take(bytes);
            _assumed += bytes;
        }
    }

    /// <summary>Charges for the real size instead of the assumed one.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.MemoryExhausted"/>.</exception>
    public void Settle(long bytes)
    {
        budget.Free(_assumed);
        _assumed = 0;
        Take(bytes);
    }

    /// <summary>Waits until the request may decode or encode this many bytes. Small amounts wait for nobody.</summary>
    public ValueTask EnterAsync(long bytes, CancellationToken cancellationToken) =>
        bytes < LargeBytes || _hasTurn ? default : WaitAsync(cancellationToken);

    /// <summary>Ends the turn, if the request has one.</summary>
    public void Leave()
    {
        if (_hasTurn)
        {
            _hasTurn = false;
            budget.LargeTurns.Release();
        }
    }

    public void Dispose()
    {
        Leave();
        budget.Free(_assumed);
        _assumed = 0;
        if (_held > 0)
        {
            budget.Release(_held);
            _held = 0;
        }
    }

    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        await budget.LargeTurns.WaitAsync(cancellationToken);
        _hasTurn = true;
    }
}
