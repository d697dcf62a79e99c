using Google.Protobuf;

namespace Modeldrop.Tests.Faults;

/// <summary>A protobuf message whose fields can be changed without its schema. Other fields stay unchanged.</summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Number, WireFormat.WireType Type, object Value)> _fields = [];

    public static ProtoMessage Parse(byte[] bytes)
    {
        var message = new ProtoMessage();
        var input = new CodedInputStream(bytes);
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            WireFormat.WireType type = WireFormat.GetTagWireType(tag);
            message._fields.Add((WireFormat.GetTagFieldNumber(tag), type, type switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed32 => input.ReadFixed32(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                _ => input.ReadBytes().ToByteArray(),
            }));
        }

        return message;
    }

    public byte[] ToBytes()
    {
        using var memory = new MemoryStream();
        using var output = new CodedOutputStream(memory, leaveOpen: true);
        foreach ((int number, WireFormat.WireType type, object value) in _fields)
        {
            output.WriteTag(number, type);
            switch (value)
            {
                case ulong varint when type == WireFormat.WireType.Varint:
                    output.WriteUInt64(varint);
                    break;
                case ulong fixed64:
                    output.WriteFixed64(fixed64);
                    break;
                case uint fixed32:
                    output.WriteFixed32(fixed32);
                    break;
                default:
                    output.WriteBytes(ByteString.CopyFrom((byte[])value));
                    break;
            }
        }

        output.Flush();
        return memory.ToArray();
    }

    public IEnumerable<byte[]> All(int number) =>
        _fields.Where(field => field.Number == number).Select(field => field.Value).OfType<byte[]>();

    public string Text(int number) => All(number).Select(System.Text.Encoding.UTF8.GetString).FirstOrDefault() ?? "";

    public long Number(int number) =>
        _fields.Where(field => field.Number == number).Select(field => field.Value).OfType<ulong>().Select(value => unchecked((long)value))
            .FirstOrDefault();

    /// <summary>Replaces all fields with this number.</summary>
    public void Set(int number, params IEnumerable<byte[]> values)
    {
        _fields.RemoveAll(field => field.Number == number);
        _fields.AddRange(values.Select(value => (number, WireFormat.WireType.LengthDelimited, (object)value)));
    }

    public void Set(int number, long value)
    {
        _fields.RemoveAll(field => field.Number == number);
        _fields.Add((number, WireFormat.WireType.Varint, unchecked((ulong)value)));
    }

    public void SetText(int number, params IEnumerable<string> values) => Set(number, values.Select(System.Text.Encoding.UTF8.GetBytes));

    /// <summary>A repeated field of floats, packed or not.</summary>
    public float[] Floats(int number) =>
    [
        .. _fields.Where(field => field.Number == number).SelectMany(field => field.Value is uint single
            ? [BitConverter.UInt32BitsToSingle(single)]
            : System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>((byte[])field.Value).ToArray()),
    ];

    public void SetFloats(int number, IReadOnlyList<float> values)
    {
        _fields.RemoveAll(field => field.Number == number);
        _fields.AddRange(values.Select(value => (number, WireFormat.WireType.Fixed32, (object)BitConverter.SingleToUInt32Bits(value))));
    }

    /// <summary>A repeated field of integers that is not packed.</summary>
    public long[] Integers(int number) =>
        [.. _fields.Where(field => field.Number == number).Select(field => unchecked((long)(ulong)field.Value))];

    public void SetIntegers(int number, IReadOnlyList<long> values)
    {
        _fields.RemoveAll(field => field.Number == number);
        _fields.AddRange(values.Select(value => (number, WireFormat.WireType.Varint, (object)unchecked((ulong)value))));
    }
}
