using System.Buffers;
using System.Runtime.InteropServices;

namespace Modeldrop.Tensors;

/// <summary>
/// Memory outside .NET's heap, for large bodies and tensors. It is free as soon as its last holder disposes it, so nothing has to be
/// collected. Its creator is the first holder.
/// </summary>
internal sealed unsafe class NativeBytes(int length) : MemoryManager<byte>
{
    private byte* _start = (byte*)NativeMemory.Alloc((nuint)length);
    private int _length = length;
    private int _holders = 1;

    public int Length => _length;

    public override Span<byte> GetSpan() => new(_start, _length);

    /// <summary>Adds a holder; each calls <see cref="IDisposable.Dispose"/> once.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Keeps the content. Earlier spans and memories must not be used any more.</summary>
    public void Grow(int length)
    {
        _start = (byte*)NativeMemory.Realloc(_start, (nuint)length);
        _length = length;
    }

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin()
    {
        // It never moves.
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Decrement(ref _holders) > 0)
        {
            return;
        }

        NativeMemory.Free(_start);
        _start = null;
        _length = 0;
    }
}
