using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>
/// Reads the texts of <c>data</c>, and writes their UTF-8 over the part of the body that has been read: their size is known before any
/// memory is allocated for them.
/// </summary>
/// <remarks>An element's quotes take more than the byte that ends it here, so writing never overtakes reading.</remarks>
internal readonly ref struct TextSink : IElementSink
{
    /// <summary>Ends each text; UTF-8 never contains it.</summary>
    private const byte End = 0xFF;

    private readonly Span<byte> _json;
    private readonly ref int _written;

    /// <param name="written">Where to write; then the end of what is written.</param>
    public TextSink(Span<byte> json, ref int written)
    {
        _json = json;
        _written = ref written;
    }

    /// <summary>Copies the texts.</summary>
    /// <param name="written">What was written.</param>
    public static Texts Collect(ReadOnlySpan<byte> written, int count, RequestMemory memory)
    {
        Memory<byte> block = memory.Allocate(TextsWriter.BytesOf(count, written.Length - count));
        var writer = new TextsWriter(block.Span, count);
        while (!written.IsEmpty)
        {
            int end = written.IndexOf(End);
            writer.Add(written[..end]);
            written = written[(end + 1)..];
        }

        return new Texts(block, count);
    }

    public int Read(ReadOnlySpan<byte> json, int index)
    {
        int length = JsonSkipper.StringLength(json);
        if (length == 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> content = json[1..(length - 1)];
        if (content.Contains((byte)'\\'))
        {
            return TryUnescape(json[..length]) ? length : 0;
        }

        if (!Utf8.IsValid(content))
        {
            return 0;
        }

        Write(content);
        return length;
    }

    private bool TryUnescape(ReadOnlySpan<byte> text)
    {
        // Not into the body: a text that is not valid is quoted in the violation.
        bool isLarge = text.Length > MemoryBudget.SmallBytes;
        byte[] unescaped = isLarge ? GC.AllocateUninitializedArray<byte>(text.Length) : ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            var reader = new Utf8JsonReader(text);
            reader.Read();
            Write(unescaped.AsSpan(0, reader.CopyString(unescaped)));
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or JsonException)
        {
            // Bytes that are not UTF-8, an unpaired surrogate, or an escape that JSON does not have.
            return false;
        }
        finally
        {
            // The pool would keep a large one for each thread.
            if (!isLarge)
            {
                ArrayPool<byte>.Shared.Return(unescaped);
            }
        }
    }

    private void Write(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(_json[_written..]);
        _written += utf8.Length;
        _json[_written++] = End;
    }
}
