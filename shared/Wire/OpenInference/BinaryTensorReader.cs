using System.Buffers.Binary;
using System.Text;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>
/// Reads tensors as bytes (the protocol's binary tensor extension): little-endian, row-major, without padding. A BYTES element is its
/// length as <c>uint32</c> and its UTF-8.
/// </summary>
internal static class BinaryTensorReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="bytes">The bytes of this tensor only. They are copied, because the tensor outlives the request's buffer.</param>
    /// <param name="memory">Owns the memory of a large tensor.</param>
    /// <returns>The tensor; null when there is a violation.</returns>
    public static Tensor? Read(
        ReadOnlySpan<byte> bytes, string name, Datatype datatype, long[] shape, RequestMemory memory, out string? violation)
    {
        if (datatype == Datatype.Bytes)
        {
            return ReadTexts(bytes, name, shape, out violation);
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
    /// <returns>The tensor; null when there is a violation.</returns>
    public static Tensor? Read(ReadOnlyMemory<byte> bytes, string name, Datatype datatype, long[] shape, out string? violation)
    {
        if (datatype == Datatype.Bytes)
        {
            return ReadTexts(bytes.Span, name, shape, out violation);
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

    private static Tensor? ReadTexts(ReadOnlySpan<byte> bytes, string name, long[] shape, out string? violation)
    {
        string[]? strings = ReadStrings(bytes, Tensor.CountOf(shape), out violation);
        return strings is null ? null : Tensor.OfStrings(name, shape, strings);
    }

    private static string[]? ReadStrings(ReadOnlySpan<byte> bytes, long count, out string? violation)
    {
        // Each element takes at least four bytes: a shape cannot claim more than was sent.
        if (count > bytes.Length / 4)
        {
            violation = $"{bytes.Length} bytes cannot hold {count} BYTES elements";
            return null;
        }

        var strings = new string[count];
        for (int i = 0; i < strings.Length; i++)
        {
            if (bytes.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) > (uint)(bytes.Length - 4))
            {
                violation = $"the bytes end inside element {i}";
                return null;
            }

            int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            try
            {
                strings[i] = StrictUtf8.GetString(bytes.Slice(4, length));
            }
            catch (DecoderFallbackException)
            {
                violation = $"element {i} is not UTF-8";
                return null;
            }

            bytes = bytes[(4 + length)..];
        }

        violation = bytes.IsEmpty ? null : $"{bytes.Length} bytes are left after the last of {count} elements";
        return violation is null ? strings : null;
    }
}
