using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>
/// Reads the <c>data</c> of a tensor in one pass from JSON text into the tensor's memory: flat or nested to the shape, with bare <c>NaN</c>
/// and <c>Infinity</c>, which <see cref="System.Text.Json.Utf8JsonReader"/> rejects.
/// </summary>
internal static class JsonTensorReader
{
    /// <param name="json">The value may be overwritten.</param>
    /// <param name="position">The value's first character.</param>
    /// <param name="shape">Not negative, and with no more elements than the text can contain (<see cref="FitsInto"/>).</param>
    /// <param name="memory">Owns the memory of a large tensor.</param>
    /// <param name="end">Where the value ends.</param>
    /// <param name="violation">The violation in the elements; null when there is none.</param>
    /// <returns>The tensor; null when there is a violation.</returns>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> when the text is not JSON.</exception>
    public static Tensor? Read(
        Span<byte> json, int position, string name, Datatype datatype, long[] shape, RequestMemory memory, out int end,
        out string? violation)
    {
        int count = (int)Tensor.CountOf(shape);
        end = position;
        if (datatype == Datatype.Bytes)
        {
            int written = position;
            violation = Read(json, ref end, datatype, shape, count, new TextSink(json, ref written));
            return violation is null ? Tensor.OfTexts(name, shape, TextSink.Collect(json[position..written], count, memory)) : null;
        }

        Memory<byte> tensor = memory.Allocate(count * datatype.ElementBytes());
        Span<byte> data = tensor.Span;
        violation = datatype switch
        {
            Datatype.Bool => ReadAs<byte, BoolParser>(json, ref end, datatype, shape, data),
            Datatype.Uint8 => ReadAs<byte, IntegerParser<byte>>(json, ref end, datatype, shape, data),
            Datatype.Uint16 => ReadAs<ushort, IntegerParser<ushort>>(json, ref end, datatype, shape, data),
            Datatype.Uint32 => ReadAs<uint, IntegerParser<uint>>(json, ref end, datatype, shape, data),
            Datatype.Uint64 => ReadAs<ulong, IntegerParser<ulong>>(json, ref end, datatype, shape, data),
            Datatype.Int8 => ReadAs<sbyte, IntegerParser<sbyte>>(json, ref end, datatype, shape, data),
            Datatype.Int16 => ReadAs<short, IntegerParser<short>>(json, ref end, datatype, shape, data),
            Datatype.Int32 => ReadAs<int, IntegerParser<int>>(json, ref end, datatype, shape, data),
            Datatype.Int64 => ReadAs<long, IntegerParser<long>>(json, ref end, datatype, shape, data),
            Datatype.Fp16 => ReadAs<Half, HalfParser>(json, ref end, datatype, shape, data),
            Datatype.Bf16 => ReadAs<ushort, BrainFloatParser>(json, ref end, datatype, shape, data),
            Datatype.Fp32 => ReadAs<float, SingleParser>(json, ref end, datatype, shape, data),
            _ => ReadAs<double, DoubleParser>(json, ref end, datatype, shape, data),
        };
        if (violation is null)
        {
            return Tensor.OfBytes(name, datatype, shape, tensor);
        }

        // The shape may claim much more than the data have.
        memory.GiveBack(tensor);
        return null;
    }

    /// <summary>
    /// Whether the text is long enough for this number of elements: memory is allocated for what was sent, not for what a shape claims.
    /// </summary>
    public static bool FitsInto(long count, int characters) => count <= (characters / 2) + 1;

    private static string? ReadAs<T, TParser>(ReadOnlySpan<byte> json, ref int position, Datatype datatype, long[] shape, Span<byte> data)
        where T : unmanaged
        where TParser : struct, IJsonElementParser<T> =>
        Read(
            json, ref position, datatype, shape, data.Length / Unsafe.SizeOf<T>(),
            new NumberSink<T, TParser>(MemoryMarshal.Cast<byte, T>(data)));

    private static string? Read<TSink>(
        ReadOnlySpan<byte> json, ref int position, Datatype datatype, long[] shape, int count, TSink sink)
        where TSink : struct, IElementSink, allows ref struct
    {
        Span<long> counts = stackalloc long[JsonSkipper.MaxDepth + 1];
        var nesting = new Nesting(shape, counts);
        string? violation = null;
        int index = 0;
        while (true)
        {
            position = JsonSkipper.SkipBlank(json, position);
            if (JsonSkipper.At(json, position) == '[')
            {
                nesting.Open(position);
                position = JsonSkipper.SkipBlank(json, position + 1);
                if (JsonSkipper.At(json, position) != ']')
                {
                    continue;
                }
            }
            else
            {
                nesting.Element();
                int length = sink.Read(json[position..], index);
                if (length == 0)
                {
                    int end = JsonSkipper.SkipValue(json, position);
                    violation ??= $"element {index} ({Excerpt(json[position..end])}) is not a valid {datatype.ProtocolName()}";
                    length = end - position;
                }

                position += length;
                index++;
            }

            // After a value: close the brackets that end here.
            while (nesting.Depth > 0)
            {
                position = JsonSkipper.SkipBlank(json, position);
                byte next = JsonSkipper.At(json, position++);
                if (next == ',')
                {
                    break;
                }

                if (next != ']')
                {
                    throw JsonSkipper.Broken(position - 1, "',' or ']' is expected here");
                }

                nesting.Close();
            }

            if (nesting.Depth == 0)
            {
                return violation ?? nesting.FindViolation(index, count);
            }
        }
    }

    private static string Excerpt(ReadOnlySpan<byte> value)
    {
        const int Longest = 40;
        string text = System.Text.Encoding.UTF8.GetString(value[..Math.Min(value.Length, Longest)]);
        return value.Length > Longest ? text + "…" : text;
    }

    private readonly ref struct NumberSink<T, TParser>(Span<T> elements) : IElementSink
        where T : unmanaged
        where TParser : struct, IJsonElementParser<T>
    {
        private readonly Span<T> _elements = elements;

        public int Read(ReadOnlySpan<byte> json, int index)
        {
            T ignored = default;
            return TParser.Parse(json, ref index < _elements.Length ? ref _elements[index] : ref ignored);
        }
    }

    /// <summary>Tracks the brackets: flat, or nested exactly to the shape.</summary>
    private ref struct Nesting(long[] shape, Span<long> counts)
    {
        private readonly Span<long> _counts = counts;
        private int _leafDepth = -1;
        private int _deepest;
        private bool _ragged;

        public int Depth { get; private set; }

        public void Open(int position)
        {
            CountValue();
            if (Depth == JsonSkipper.MaxDepth)
            {
                throw JsonSkipper.Broken(position, $"nested deeper than {JsonSkipper.MaxDepth}");
            }

            _counts[++Depth] = 0;
            _deepest = Math.Max(_deepest, Depth);
        }

        public void Element()
        {
            CountValue();
            _ragged |= _leafDepth >= 0 && _leafDepth != Depth;
            _leafDepth = Depth;
        }

        public void Close()
        {
            // The outermost bracket of flat data has all elements; every other bracket has as many as its dimension.
            bool outermostOfFlat = Depth == 1 && _deepest == 1;
            _ragged |= !outermostOfFlat && (Depth > shape.Length || _counts[Depth] != shape[Depth - 1]);
            Depth--;
        }

        public readonly string? FindViolation(int found, int wanted)
        {
            bool nested = _deepest > 1;
            if (nested && (_ragged || (_leafDepth >= 0 && _leafDepth != shape.Length)))
            {
                return $"the nesting of the data does not follow shape [{string.Join(",", shape)}]";
            }

            return found == wanted ? null : $"shape [{string.Join(",", shape)}] has {wanted} elements, the data {found}";
        }

        private readonly void CountValue()
        {
            if (Depth > 0)
            {
                _counts[Depth]++;
            }
        }
    }
}
