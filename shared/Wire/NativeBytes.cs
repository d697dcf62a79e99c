using System.Buffers;
using System.Runtime.InteropServices;

namespace Modeldrop.Wire;

/// <summary>Memory outside .NET's heap, for large bodies. It is free as soon as it is disposed, so nothing has to be collected.</summary>
internal sealed unsafe class NativeBytes(int length) : MemoryManager<byte>
{
    private byte* _start = (byte*)NativeMemory.Alloc((nuint)length);
    private int _length = length;

    public int Length => _length;

    public override Span<byte> GetSpan() => new(_start, _length);

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
        NativeMemory.Free(_start);
        _start = null;
        _length = 0;
    }
}
