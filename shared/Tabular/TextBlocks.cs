using System.Buffers.Binary;
using System.Text;

namespace Modeldrop.Tabular;

/// <summary>
/// The texts of a table's cells as UTF-8 in a few blocks of memory. The garbage collector has nothing to follow or to copy there, however
/// many cells there are.
/// </summary>
/// <param name="allocate">Returns memory that lives at least as long as the table; null: from the heap.</param>
internal sealed class TextBlocks(Func<int, Memory<byte>>? allocate = null)
{
    private const int FirstBytes = 1 << 10;
    private const int MostBytes = 256 << 10;

    private readonly List<Memory<byte>> _blocks = [];
    private int _used;

    public Memory<byte> Allocate(int bytes) => allocate?.Invoke(bytes) ?? GC.AllocateUninitializedArray<byte>(bytes);

    /// <returns>Where the text is, for <see cref="At"/>.</returns>
    public long Add(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Take(utf8.Length, out long place));
        return place;
    }

    /// <returns>Where the text is, for <see cref="At"/>.</returns>
    public long Add(ReadOnlySpan<char> text)
    {
        Encoding.UTF8.GetBytes(text, Take(Encoding.UTF8.GetByteCount(text), out long place));
        return place;
    }

    public ReadOnlySpan<byte> At(long place)
    {
        ReadOnlySpan<byte> block = _blocks[(int)(place >> 32)].Span[(int)place..];
        return block.Slice(sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(block));
    }

    /// <summary>Memory for a text, after its length.</summary>
    private Span<byte> Take(int length, out long place)
    {
        int bytes = checked(length + sizeof(int));
        if (_blocks.Count == 0 || _blocks[^1].Length - _used < bytes)
        {
            int next = _blocks.Count == 0 ? FirstBytes : Math.Min(MostBytes, 2 * _blocks[^1].Length);
            _blocks.Add(Allocate(Math.Max(bytes, next)));
            _used = 0;
        }

        Span<byte> block = _blocks[^1].Span[_used..];
        place = ((long)(_blocks.Count - 1) << 32) | (uint)_used;
        _used += bytes;
        BinaryPrimitives.WriteInt32LittleEndian(block, length);
        return block.Slice(sizeof(int), length);
    }
}
