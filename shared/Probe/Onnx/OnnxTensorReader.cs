using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using static Google.Protobuf.WireFormat;

namespace Modeldrop.Probe.Onnx;

/// <summary>Reads tensors without their elements, and checks that their content matches their declaration.</summary>
internal sealed class OnnxTensorReader(ProtobufMessages messages, CodedInputStream input, ICollection<string> problems)
{
    private const int MaxKeptValues = 10_000;

    private const int StringType = 8;

    /// <summary>Bits per element by TensorProto.DataType; 0: no fixed size, or unknown here and left to ONNX Runtime.</summary>
    private static readonly byte[] Bits = [0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2];

    private readonly Dictionary<string, IReadOnlyList<string>> _named = new(StringComparer.Ordinal);
    private readonly List<ExternalTensor> _external = [];

    /// <summary>Number of elements in all tensors.</summary>
    public long Elements { get; private set; }

    /// <summary>Short lists of strings or integers among the kept tensors, as text.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Named => _named;

    public IReadOnlyList<ExternalTensor> External => _external;

    /// <param name="keep">Whether to store a short list of strings or integers in <see cref="Named"/>.</param>
    /// <param name="texts">Receives the strings; null: they are not needed.</param>
    public bool Read(WireType type, bool keep, List<string>? texts = null)
    {
        var tensor = new Content { Texts = texts };
        messages.Message(type, OnnxMessage.Tensor, (number, fieldType) => ReadField(tensor, number, fieldType, keep));
        Add(tensor, keep);
        return true;
    }

    /// <summary>SparseTensorProto: its values and indices are tensors.</summary>
    public bool ReadSparse(WireType type) =>
        messages.Message(type, OnnxMessage.SparseTensor, (number, fieldType) => number is 1 or 2 && Read(fieldType, keep: false));

    private bool ReadField(Content tensor, int number, WireType type, bool keep)
    {
        switch (number)
        {
            case 1:
                messages.Integers(type, tensor.AddDimension);
                return true;
            case 2:
                tensor.Type = messages.Integer(type);
                return true;
            case 5 or 7 when keep && tensor.IsShort(MaxKeptValues):
                long start = input.Position;
                messages.Integers(type, value => tensor.Values.Add(value.ToString(CultureInfo.InvariantCulture)));
                tensor.StoredBytes += input.Position - start;
                return true;
            case 4 or 5 or 7 or 10 or 11:
                tensor.StoredBytes += messages.Skip(type);
                return true;
            case 6:
                tensor.Strings++;
                if (tensor.Texts is { Count: <= OnnxTextKeys.MaxKeys } wanted)
                {
                    wanted.Add(messages.Text(type));
                    return true;
                }

                if (keep && tensor.Values.Count < MaxKeptValues)
                {
                    tensor.Values.Add(messages.Text(type));
                    return true;
                }

                return false;
            case 8:
                tensor.Name = messages.Text(type);
                return true;
            case 9 when keep && tensor.Type is 6 or 7 && tensor.IsShort(MaxKeptValues) && type == WireType.LengthDelimited:
                tensor.RawBytes = AddIntegers(tensor, input.ReadBytes().Span);
                return true;
            case 9:
                tensor.RawBytes = messages.Skip(type);
                return true;
            case 13:
                (string key, string value) = OnnxModelReader.ReadEntry(messages, type);
                tensor.External[key] = value;
                return true;
            case 14:
                tensor.IsExternal = messages.Integer(type) == 1;
                return true;
            default:
                return false;
        }
    }

    private static long AddIntegers(Content tensor, ReadOnlySpan<byte> raw)
    {
        int size = tensor.Type == 6 ? sizeof(int) : sizeof(long);
        for (int at = 0; at + size <= raw.Length && tensor.Values.Count < MaxKeptValues; at += size)
        {
            long value = size == sizeof(int)
                ? BinaryPrimitives.ReadInt32LittleEndian(raw[at..])
                : BinaryPrimitives.ReadInt64LittleEndian(raw[at..]);
            tensor.Values.Add(value.ToString(CultureInfo.InvariantCulture));
        }

        return raw.Length;
    }

    private void Add(Content tensor, bool keep)
    {
        string name = tensor.Name.Length == 0 ? "(without a name)" : $"'{tensor.Name}'";
        if (tensor.HasBadDimension)
        {
            problems.Add($"Tensor {name} declares an impossible shape.");
            return;
        }

        int bits = tensor.Type >= 0 && tensor.Type < Bits.Length ? Bits[tensor.Type] : 0;
        double expectedBytes = Math.Ceiling((double)tensor.Count * bits / 8);
        if (tensor.IsExternal)
        {
            AddExternal(tensor, name, bits == 0 ? null : (long)Math.Min(expectedBytes, long.MaxValue / 2));
        }
        else if (tensor.RawBytes is { } raw)
        {
            if (bits > 0 && expectedBytes != raw)
            {
                problems.Add($"Tensor {name} declares {tensor.Count:N0} elements ({expectedBytes:N0} bytes) but holds {raw:N0} bytes.");
            }
        }
        // Numbers in lists take at least one byte each, except sub-byte types, which share one.
        else if (tensor.Type == StringType ? tensor.Strings != tensor.Count : bits >= 8 && tensor.StoredBytes < tensor.Count)
        {
            problems.Add(
                $"Tensor {name} declares {tensor.Count:N0} elements but holds "
                    + $"{(tensor.Type == StringType ? $"{tensor.Strings:N0} strings" : $"{tensor.StoredBytes:N0} bytes")}.");
        }

        Elements = checked(Elements + Math.Min(tensor.Count, int.MaxValue * 16L));
        if (keep && tensor.Dimensions == 1 && tensor.Values.Count == tensor.Count && tensor.Values.Count > 0)
        {
            _named[tensor.Name] = tensor.Values;
        }
    }

    private void AddExternal(Content tensor, string name, long? expectedBytes)
    {
        long offset = 0;
        long length = 0;
        if ((tensor.External.TryGetValue("offset", out string? offsetText) && !TryParse(offsetText, out offset))
            || (tensor.External.TryGetValue("length", out string? lengthText) && !TryParse(lengthText, out length)))
        {
            problems.Add($"Tensor {name}: offset and length of its external data are not both counts of bytes.");
            return;
        }

        _external.Add(
            new ExternalTensor(
                name, tensor.External.GetValueOrDefault("location", ""), offset, tensor.External.ContainsKey("length") ? length : null,
                expectedBytes));
    }

    private static bool TryParse(string text, out long value) =>
        !text.Contains('\0', StringComparison.Ordinal) & long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>The fields of one TensorProto.</summary>
    private sealed class Content
    {
        public string Name { get; set; } = "";

        public long Type { get; set; }

        public long Count { get; private set; } = 1;

        public int Dimensions { get; private set; }

        public bool HasBadDimension { get; private set; }

        public long StoredBytes { get; set; }

        public long Strings { get; set; }

        public long? RawBytes { get; set; }

        public bool IsExternal { get; set; }

        public Dictionary<string, string> External { get; } = new(StringComparer.Ordinal);

        public List<string> Values { get; } = [];

        public List<string>? Texts { get; init; }

        public bool IsShort(int max) => Dimensions == 1 && Count <= max && Values.Count < max;

        public void AddDimension(long dimension)
        {
            Dimensions++;
            // No address space can hold more than 2^47 elements; stopping here also prevents an overflow of the product.
            HasBadDimension |= dimension < 0 || Dimensions > 64 || (double)Count * dimension > 1L << 47;
            Count = HasBadDimension ? 0 : Count * dimension;
        }
    }
}
