using System.Buffers;
using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Wire;

/// <summary>A growing buffer whose memory returns to the pool, or to the system if it is large.</summary>
/// <param name="budget">Charged for the memory while the buffer has it; null: nothing is charged.</param>
internal sealed class PooledBuffer(int capacity, MemoryBudget? budget = null) : IBufferWriter<byte>, IDisposable
{
    // The pool keeps an array of each size for each thread and processor, and every compacting collection copies large ones.
    private const int MaxPooledBytes = 1 << 20;

    private byte[] _array = Rent(Math.Min(capacity, MaxPooledBytes), budget);

    // Takes the array's place when that becomes too small.
    private NativeBytes? _large;

    public int Length { get; private set; }

    public Span<byte> Span => All[..Length];

    public ReadOnlyMemory<byte> Memory => (_large?.Memory ?? _array)[..Length];

    private Span<byte> All => _large is null ? _array : _large.GetSpan();

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return (_large?.Memory ?? _array)[Length..];
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return All[Length..];
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    public void Clear() => Length = 0;

    public void Dispose()
    {
        Return(_array, budget);
        _array = [];
        if (_large is not null)
        {
            budget?.Free(_large.Length);
            ((IDisposable)_large).Dispose();
            _large = null;
        }

        Length = 0;
    }

    private void Grow(int sizeHint)
    {
        int before = _large?.Length ?? _array.Length;
        long needed = Length + (long)Math.Max(sizeHint, 1);
        if (needed <= before)
        {
            return;
        }

        if (needed > Array.MaxLength)
        {
            throw new ServiceException(ErrorCode.MemoryExhausted, "The answer is larger than 2 GiB; send fewer rows.");
        }

        int after = (int)Math.Min(Array.MaxLength, Math.Max(needed, before * 2L));
        if (after <= MaxPooledBytes)
        {
            byte[] larger = Rent(after, budget);
            Span.CopyTo(larger);
            Return(_array, budget);
            _array = larger;
            return;
        }

        GrowLarge(after);
    }

    private void GrowLarge(int bytes)
    {
        int more = bytes - (_large?.Length ?? 0);
        budget?.Take(more);
        try
        {
            if (_large is null)
            {
                var large = new NativeBytes(bytes);
                Span.CopyTo(large.GetSpan());
                Return(_array, budget);
                (_array, _large) = ([], large);
            }
            else
            {
                _large.Grow(bytes);
            }
        }
        catch
        {
            budget?.Free(more);
            throw;
        }
    }

    private static byte[] Rent(int bytes, MemoryBudget? budget)
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(bytes);
        if (array.Length > MemoryBudget.SmallBytes && budget is not null)
        {
            try
            {
                budget.Take(array.Length);
            }
            catch
            {
                ArrayPool<byte>.Shared.Return(array);
                throw;
            }
        }

        return array;
    }

    private static void Return(byte[] array, MemoryBudget? budget)
    {
        if (array.Length > MemoryBudget.SmallBytes)
        {
            budget?.Free(array.Length);
        }

        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
