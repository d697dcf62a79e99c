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
    /// <returns>The tensor; null when there is a violation.</returns>
    public static Tensor? Read(ReadOnlySpan<byte> bytes, string name, Datatype datatype, long[] shape, out string? violation)
    {
        long count = Tensor.CountOf(shape);
        if (datatype == Datatype.Bytes)
        {
            string[]? strings = ReadStrings(bytes, count, out violation);
            return strings is null ? null : Tensor.OfStrings(name, shape, strings);
        }

        if (count > int.MaxValue || count * datatype.ElementBytes() != bytes.Length)
        {
            violation =
                $"shape [{string.Join(",", shape)}] of {datatype.ProtocolName()} takes {(Int128)count * datatype.ElementBytes()} bytes, "
                    + $"not {bytes.Length}";
            return null;
        }

        if (datatype == Datatype.Bool && bytes.ContainsAnyExceptInRange((byte)0, (byte)1))
        {
            violation = "a BOOL is a byte 0 or 1";
            return null;
        }

        violation = null;
        return Tensor.OfBytes(name, datatype, shape, bytes.ToArray());
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
