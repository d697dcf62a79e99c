using System.Runtime.InteropServices;
using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Wire;

/// <summary>One request's share of the budget; disposed with the request. For one thread at a time.</summary>
internal sealed class RequestMemory(MemoryBudget budget) : IDisposable
{
    /// <summary>A body of this size takes a few milliseconds to decode.</summary>
    private const int LargeBytes = 256 << 10;

    private List<NativeBytes>? _native;
    private long _held;
    private long _allocated;
    private long _small;
    private long _assumed;
    private bool _hasTurn;

    public MemoryBudget Budget => budget;

    /// <summary>The bytes that the request has been charged for.</summary>
    public long Held => _held + _allocated + _assumed;

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

    /// <summary>Charges for tensors whose size is known only later, by <see cref="Allocate"/> and <see cref="Settle"/>.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.MemoryExhausted"/>.</exception>
    public void Assume(long bytes)
    {
        if (bytes > MemoryBudget.SmallBytes)
        {
            budget.Take(bytes);
            _assumed += bytes;
        }
    }

    /// <summary>Charges for the real size of the tensors instead of the assumed one.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.MemoryExhausted"/>.</exception>
    public void Settle(IReadOnlyList<Tensor> tensors)
    {
        budget.Free(_assumed);
        _assumed = 0;
        long bytes = 0;
        for (int index = 0; index < tensors.Count; index++)
        {
            bytes += tensors[index].HeapBytes;
        }

        Take(bytes);
    }

    /// <summary>
    /// Returns uninitialised memory for a tensor. Large memory is charged for, is outside the heap, and is free when the request ends: see
    /// <see cref="Tensor.Hold"/>.
    /// </summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.MemoryExhausted"/>.</exception>
    public Memory<byte> Allocate(int bytes)
    {
        if (bytes <= MemoryBudget.SmallBytes)
        {
            return GC.AllocateUninitializedArray<byte>(bytes);
        }

        long assumed = Math.Min(_assumed, bytes);
        if (assumed < bytes)
        {
            budget.Take(bytes - assumed);
        }

        _assumed -= assumed;
        _allocated += bytes;
        var memory = new NativeBytes(bytes);
        (_native ??= []).Add(memory);
        return memory.Memory;
    }

    /// <summary>As <see cref="Allocate"/>, for one of many parts: small ones are charged for together.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.MemoryExhausted"/>.</exception>
    public Memory<byte> AllocatePart(int bytes)
    {
        if (bytes <= MemoryBudget.SmallBytes)
        {
            Count(bytes);
        }

        return Allocate(bytes);
    }

    /// <summary>
    /// Charges for one of many small objects in the heap, together with the others. The garbage collector finds small ones by itself.
    /// </summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.MemoryExhausted"/>.</exception>
    public void Count(int bytes)
    {
        _small += bytes;
        if (_small > MemoryBudget.SmallBytes)
        {
            budget.Take(_small);
            _allocated += _small;
            _small = 0;
        }
    }

    /// <summary>Ends the use of memory from <see cref="Allocate"/> before the request ends.</summary>
    public void GiveBack(ReadOnlyMemory<byte> memory)
    {
        if (MemoryMarshal.TryGetMemoryManager(memory, out NativeBytes? native) && _native!.Remove(native))
        {
            _allocated -= native.Length;
            budget.Free(native.Length);
            ((IDisposable)native).Dispose();
        }
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
        budget.Free(_assumed + _allocated);
        budget.Release(_held);
        _assumed = 0;
        _allocated = 0;
        _held = 0;
        _native?.ForEach(memory => ((IDisposable)memory).Dispose());
        _native = null;
    }

    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        await budget.LargeTurns.WaitAsync(cancellationToken);
        _hasTurn = true;
    }
}
