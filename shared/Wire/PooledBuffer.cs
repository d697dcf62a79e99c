using System.Buffers;
using Modeldrop.Errors;

namespace Modeldrop.Wire;

/// <summary>A growing buffer whose memory returns to the pool.</summary>
/// <param name="budget">Charged for the memory while the buffer has it; null: nothing is charged.</param>
internal sealed class PooledBuffer(int capacity, MemoryBudget? budget = null) : IBufferWriter<byte>, IDisposable
{
    // The pool would keep larger arrays permanently.
    private const int MaxPooledBytes = 16 << 20;

    private byte[] _array = Rent(capacity, budget);

    public int Length { get; private set; }

    public Span<byte> Span => _array.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, Length);

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _array.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _array.AsSpan(Length);
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
        Length = 0;
    }

    private void Grow(int sizeHint)
    {
        long needed = Length + (long)Math.Max(sizeHint, 1);
        if (needed <= _array.Length)
        {
            return;
        }

        if (needed > Array.MaxLength)
        {
            throw new ServiceException(ErrorCode.MemoryExhausted, "The answer is larger than 2 GiB; send fewer rows.");
        }

        byte[] larger = Rent((int)Math.Min(Array.MaxLength, Math.Max(needed, _array.Length * 2L)), budget);
        Span.CopyTo(larger);
        Return(_array, budget);
        _array = larger;
    }

    private static byte[] Rent(int bytes, MemoryBudget? budget)
    {
        if (bytes <= MemoryBudget.SmallBytes)
        {
            return ArrayPool<byte>.Shared.Rent(bytes);
        }

        budget?.Take(bytes);
        try
        {
            byte[] array = bytes > MaxPooledBytes ? GC.AllocateUninitializedArray<byte>(bytes) : ArrayPool<byte>.Shared.Rent(bytes);
            budget?.Take(array.Length - bytes);
            return array;
        }
        catch
        {
            budget?.Release(bytes);
            throw;
        }
    }

    private static void Return(byte[] array, MemoryBudget? budget)
    {
        if (array.Length > MemoryBudget.SmallBytes)
        {
            budget?.Release(array.Length);
        }

        if (array.Length is > 0 and <= MaxPooledBytes)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
