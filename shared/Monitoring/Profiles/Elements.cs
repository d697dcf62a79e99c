using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Reads every n-th element of a tensor's bytes as numbers of one type.</summary>
internal static class Elements
{
    public static bool IsInteger(Datatype datatype) =>
        datatype is not (Datatype.Fp16 or Datatype.Bf16 or Datatype.Fp32 or Datatype.Fp64 or Datatype.Bytes);

    /// <summary>
    /// Reads doubles. 64-bit integers beyond 2^53 are rounded, which moves no value across a bin edge that is itself a double.
    /// </summary>
    public static void ToDoubles(Datatype datatype, ReadOnlySpan<byte> bytes, int start, int stride, Span<double> destination)
    {
        switch (datatype)
        {
            case Datatype.Fp32: Gather<float, double>(bytes, start, stride, destination); break;
            case Datatype.Fp64: Gather<double, double>(bytes, start, stride, destination); break;
            case Datatype.Fp16: Gather<Half, double>(bytes, start, stride, destination); break;
            case Datatype.Bf16:
                ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int index = 0; index < destination.Length; index++)
                {
                    destination[index] = BitConverter.UInt32BitsToSingle((uint)halves[start + (index * stride)] << 16);
                }

                break;
            case Datatype.Uint64: Gather<ulong, double>(bytes, start, stride, destination); break;
            default:
                Span<long> numbers = destination.Length <= 512 ? stackalloc long[destination.Length] : new long[destination.Length];
                ToLongs(datatype, bytes, start, stride, numbers);
                for (int index = 0; index < numbers.Length; index++)
                {
                    destination[index] = numbers[index];
                }

                break;
        }
    }

    /// <summary>Reads 64-bit integers; UINT64 keeps its bits.</summary>
    public static void ToLongs(Datatype datatype, ReadOnlySpan<byte> bytes, int start, int stride, Span<long> destination)
    {
        switch (datatype)
        {
            case Datatype.Bool or Datatype.Uint8: Gather<byte, long>(bytes, start, stride, destination); break;
            case Datatype.Uint16: Gather<ushort, long>(bytes, start, stride, destination); break;
            case Datatype.Uint32: Gather<uint, long>(bytes, start, stride, destination); break;
            case Datatype.Int8: Gather<sbyte, long>(bytes, start, stride, destination); break;
            case Datatype.Int16: Gather<short, long>(bytes, start, stride, destination); break;
            case Datatype.Int32: Gather<int, long>(bytes, start, stride, destination); break;
            case Datatype.Int64 or Datatype.Uint64: Gather<long, long>(bytes, start, stride, destination); break;
            default: throw new ArgumentOutOfRangeException(nameof(datatype), datatype, "Not an integer.");
        }
    }

    public static string ToText(Datatype datatype, long bits) => datatype == Datatype.Uint64
        ? ((ulong)bits).ToString(CultureInfo.InvariantCulture)
        : bits.ToString(CultureInfo.InvariantCulture);

    /// <summary>The bits that <see cref="ToText"/> wrote.</summary>
    public static long FromText(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long bits)
            ? bits
            : (long)ulong.Parse(text, CultureInfo.InvariantCulture);

    private static void Gather<TElement, TNumber>(ReadOnlySpan<byte> bytes, int start, int stride, Span<TNumber> destination)
        where TElement : unmanaged, INumberBase<TElement>
        where TNumber : unmanaged, INumberBase<TNumber>
    {
        ReadOnlySpan<TElement> elements = MemoryMarshal.Cast<byte, TElement>(bytes);
        for (int index = 0; index < destination.Length; index++)
        {
            destination[index] = TNumber.CreateTruncating(elements[start + (index * stride)]);
        }
    }
}
