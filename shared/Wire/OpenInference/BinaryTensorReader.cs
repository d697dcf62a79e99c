using System.Buffers.Binary;
using System.Text.Unicode;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>
/// Reads tensors as bytes (the protocol's binary tensor extension): little-endian, row-major, without padding. A BYTES element is its
/// length as <c>uint32</c> and its UTF-8.
/// </summary>
internal static class BinaryTensorReader
{
    /// <param name="bytes">The bytes of this tensor only. They are copied, because the tensor outlives the request's buffer.</param>
    /// <param name="memory">Owns the memory of a large tensor.</param>
    /// <returns>The tensor; null when there is a violation.</returns>
    public static Tensor? Read(
        ReadOnlySpan<byte> bytes, string name, Datatype datatype, long[] shape, RequestMemory memory, out string? violation)
    {
        if (datatype == Datatype.Bytes)
        {
            return ReadTexts(bytes, name, shape, memory, out violation);
        }

        violation = FindViolation(bytes, datatype, shape);
        if (violation is not null)
        {
            return null;
        }

        Memory<byte> data = memory.Allocate(bytes.Length);
        bytes.CopyTo(data.Span);
        return Tensor.OfBytes(name, datatype, shape, data);
    }

    /// <param name="bytes">The bytes of this tensor only. A tensor of numbers keeps them.</param>
    /// <param name="memory">Owns the memory of a large tensor of texts.</param>
    /// <returns>The tensor; null when there is a violation.</returns>
    public static Tensor? Read(
        ReadOnlyMemory<byte> bytes, string name, Datatype datatype, long[] shape, RequestMemory memory, out string? violation)
    {
        if (datatype == Datatype.Bytes)
        {
            return ReadTexts(bytes.Span, name, shape, memory, out violation);
        }

        violation = FindViolation(bytes.Span, datatype, shape);
        return violation is null ? Tensor.OfBytes(name, datatype, shape, bytes) : null;
    }

    private static string? FindViolation(ReadOnlySpan<byte> bytes, Datatype datatype, long[] shape)
    {
        long count = Tensor.CountOf(shape);
        if (count > int.MaxValue || count * datatype.ElementBytes() != bytes.Length)
        {
            return $"shape [{string.Join(",", shape)}] of {datatype.ProtocolName()} takes {(Int128)count * datatype.ElementBytes()} bytes, "
                + $"not {bytes.Length}";
        }

        return datatype == Datatype.Bool && bytes.ContainsAnyExceptInRange((byte)0, (byte)1) ? "a BOOL is a byte 0 or 1" : null;
    }

    private static Tensor? ReadTexts(ReadOnlySpan<byte> bytes, string name, long[] shape, RequestMemory memory, out string? violation)
    {
        // Each element takes at least four bytes: a shape cannot claim more than was sent.
        long elements = Tensor.CountOf(shape);
        if (elements > bytes.Length / sizeof(uint))
        {
            violation = $"{bytes.Length} bytes cannot hold {elements} BYTES elements";
            return null;
        }

        int count = (int)elements;
        Memory<byte> block = memory.Allocate(TextsWriter.BytesOf(count, bytes.Length - (count * sizeof(uint))));
        violation = CopyTexts(bytes, count, new TextsWriter(block.Span, count));
        return violation is null ? Tensor.OfTexts(name, shape, new Texts(block, count)) : null;
    }

    /// <returns>The violation; null when there is none.</returns>
    private static string? CopyTexts(ReadOnlySpan<byte> bytes, int count, TextsWriter writer)
    {
        for (int i = 0; i < count; i++)
        {
            if (bytes.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(bytes) > (uint)(bytes.Length - sizeof(uint)))
            {
                return $"the bytes end inside element {i}";
            }

            ReadOnlySpan<byte> text = bytes.Slice(sizeof(uint), (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes));
            if (!Utf8.IsValid(text))
            {
                return $"element {i} is not UTF-8";
            }

            writer.Add(text);
            bytes = bytes[(sizeof(uint) + text.Length)..];
        }

        return bytes.IsEmpty ? null : $"{bytes.Length} bytes are left after the last of {count} elements";
    }
}
