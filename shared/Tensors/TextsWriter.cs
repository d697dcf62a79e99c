using System.Runtime.InteropServices;
using System.Text;

namespace Modeldrop.Tensors;

/// <summary>Writes the block of <see cref="Texts"/>, element by element.</summary>
internal ref struct TextsWriter
{
    private readonly Span<byte> _block;
    private readonly Span<int> _starts;
    private int _index;
    private int _end;

    /// <param name="block">Of <see cref="BytesOf"/>.</param>
    public TextsWriter(Span<byte> block, int count)
    {
        _block = block;
        _starts = MemoryMarshal.Cast<byte, int>(block[..BytesOf(count, 0)]);
        _end = BytesOf(count, 0);
        _starts[0] = _end;
    }

    /// <summary>Size of a block.</summary>
    /// <exception cref="OverflowException">It would be larger than 2 GiB.</exception>
    public static int BytesOf(int count, long utf8Bytes) => checked((int)(((count + 1L) * sizeof(int)) + utf8Bytes));

    /// <param name="utf8">Valid UTF-8.</param>
    public void Add(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(_block[_end..]);
        End(utf8.Length);
    }

    /// <summary>An unpaired surrogate becomes U+FFFD.</summary>
    public void Add(string text) => End(Encoding.UTF8.GetBytes(text, _block[_end..]));

    private void End(int bytes)
    {
        _end += bytes;
        _starts[++_index] = _end;
    }
}
