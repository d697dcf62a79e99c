using System.Runtime.InteropServices;
using System.Text;

namespace Modeldrop.Tensors;

/// <summary>
/// The elements of a <see cref="Datatype.Bytes"/> tensor, as strings or as UTF-8. Either form is created from the other when it is first
/// needed. Thread-safe.
/// </summary>
/// <remarks>
/// As UTF-8, they are a block of memory that <see cref="TextsWriter"/> writes: the positions where the elements start, the position where
/// the last one ends, and the elements. It has 4 bytes for each element besides its text, and needs no object for it.
/// </remarks>
public sealed class Texts
{
    private readonly ReadOnlyMemory<byte> _block;
    private readonly int _first;
    private byte[]? _encoded;
    private string[]? _strings;

    public Texts(string[] strings)
    {
        _strings = strings;
        Count = strings.Length;
    }

    /// <param name="block">Complete, written by <see cref="TextsWriter"/>.</param>
    internal Texts(ReadOnlyMemory<byte> block, int count)
        : this(block, 0, count)
    {
    }

    private Texts(ReadOnlyMemory<byte> block, int first, int count)
    {
        _block = block;
        _first = first;
        Count = count;
    }

    public int Count { get; }

    public string[] Strings => _strings ??= Decode();

    /// <summary>Size as UTF-8: the texts, and 4 bytes for each.</summary>
    public long Bytes => Utf8.Length + ((long)Count * sizeof(int));

    /// <summary>The UTF-8 of all elements, without anything between them.</summary>
    public ReadOnlySpan<byte> Utf8
    {
        get
        {
            ReadOnlySpan<int> starts = StartsOf(Block.Span, _first, Count);
            return Block.Span[starts[0]..starts[^1]];
        }
    }

    internal ReadOnlyMemory<byte> Block => _block.IsEmpty ? _encoded ??= Encode(_strings!) : _block;

    /// <summary>Some of the elements, in the same memory.</summary>
    public Texts Slice(int start, int count) => _block.IsEmpty
        ? new Texts(_strings.AsSpan(start, count).ToArray())
        : new Texts(_block, _first + start, count);

    /// <summary>Enumerates the UTF-8 of each element.</summary>
    public Enumerator GetEnumerator() => new(Block.Span, _first, Count);

    /// <summary>Enumerates the UTF-8 of some of the elements.</summary>
    public Enumerator Range(int start, int count) => new(Block.Span, _first + start, count);

    private static ReadOnlySpan<int> StartsOf(ReadOnlySpan<byte> block, int first, int count) =>
        MemoryMarshal.Cast<byte, int>(block.Slice(first * sizeof(int), (count + 1) * sizeof(int)));

    private static byte[] Encode(string[] strings)
    {
        byte[] block = new byte[TextsWriter.BytesOf(strings.Length, strings.Sum(text => (long)Encoding.UTF8.GetByteCount(text)))];
        var writer = new TextsWriter(block, strings.Length);
        foreach (string text in strings)
        {
            writer.Add(text);
        }

        return block;
    }

    private string[] Decode()
    {
        string[] strings = new string[Count];
        int next = 0;
        foreach (ReadOnlySpan<byte> text in this)
        {
            strings[next++] = Encoding.UTF8.GetString(text);
        }

        return strings;
    }

    /// <summary>The elements, one after the other.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _block;
        private readonly ReadOnlySpan<int> _starts;
        private int _index = -1;

        internal Enumerator(ReadOnlySpan<byte> block, int first, int count)
        {
            _block = block;
            _starts = StartsOf(block, first, count);
        }

        public readonly ReadOnlySpan<byte> Current => _block[_starts[_index].._starts[_index + 1]];

        public readonly Enumerator GetEnumerator() => this;

        public bool MoveNext() => ++_index < _starts.Length - 1;
    }
}
