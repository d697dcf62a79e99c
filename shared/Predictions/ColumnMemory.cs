using System.Buffers;
using Apache.Arrow.Memory;

namespace Modeldrop.Predictions;

/// <summary>
/// Memory for the columns of one pack after another, and for what Arrow builds from them, so that packing creates no garbage. Not
/// thread-safe.
/// </summary>
internal sealed class ColumnMemory : MemoryAllocator
{
    /// <summary>More than a pack at its size limit needs. Larger packs contain large tensors, which are rare.</summary>
    public const int MaxKeptBytes = 4 << 20;

    private byte[] _memory = [];
    private int _taken;

    /// <summary>Returns uncleared memory, valid until <see cref="Reset"/>.</summary>
    /// <exception cref="OverflowException">One pack needs more than 2 GiB.</exception>
    public Memory<byte> Take(int bytes)
    {
        int start = _taken;
        _taken = checked(start + bytes + Alignment - 1) / Alignment * Alignment;
        return _taken <= _memory.Length ? _memory.AsMemory(start, bytes) : new byte[bytes];
    }

    /// <summary>Frees all parts. If the memory was too small, the next one is larger.</summary>
    public void Reset()
    {
        if (_taken > _memory.Length && _taken <= MaxKeptBytes)
        {
            _memory = GC.AllocateUninitializedArray<byte>(_taken);
        }

        _taken = 0;
    }

    protected override IMemoryOwner<byte> AllocateInternal(int length, out int bytesAllocated)
    {
        bytesAllocated = length;
        return new Part(Take(length));
    }

    /// <summary>Freed together with all other parts.</summary>
    private sealed class Part(Memory<byte> memory) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory => memory;

        public void Dispose()
        {
        }
    }
}
