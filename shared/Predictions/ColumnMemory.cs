using System.Buffers;
using Apache.Arrow.Memory;

namespace Modeldrop.Predictions;

/// <summary>
/// Memory for the columns of one pack after the other and for what Arrow makes of them, so that packing leaves no garbage behind. Not
/// thread-safe.
/// </summary>
internal sealed class ColumnMemory : MemoryAllocator
{
    /// <summary>More than a pack takes that has reached its limit; larger ones are of large tensors, which are rare.</summary>
    public const int MaxKeptBytes = 4 << 20;

    private byte[] _memory = [];
    private int _taken;

    /// <summary>Memory that is not cleared, until <see cref="Reset"/>.</summary>
    /// <exception cref="OverflowException">One pack takes more than 2 GiB.</exception>
    public Memory<byte> Take(int bytes)
    {
        int start = _taken;
        _taken = checked(start + bytes + Alignment - 1) / Alignment * Alignment;
        return _taken <= _memory.Length ? _memory.AsMemory(start, bytes) : new byte[bytes];
    }

    /// <summary>All is free again; where it was not enough, it is the next time.</summary>
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

    /// <summary>Given back with all the others.</summary>
    private sealed class Part(Memory<byte> memory) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory => memory;

        public void Dispose()
        {
        }
    }
}
