using Google.Protobuf;

namespace Modeldrop.Probe.Onnx;

/// <summary>Walks the fields of nested protobuf messages in a stream; only the current field is in memory.</summary>
/// <remarks>
/// An encoding error throws <see cref="OnnxRejectedException"/> or the library's own <see cref="InvalidProtocolBufferException"/>.
/// </remarks>
internal sealed class ProtobufMessages(CodedInputStream input)
{
    /// <summary>Calls <paramref name="field"/> for every field up to <paramref name="end"/>; skips fields that it does not read.</summary>
    /// <param name="message">Lists the fields that may occur only once.</param>
    /// <param name="field">Receives the field's number and wire type; returns whether it has read the value.</param>
    public void Read(long end, OnnxMessage message, Func<int, WireFormat.WireType, bool> field)
    {
        ulong seen = 0;
        while (input.Position < end)
        {
            uint tag = input.ReadTag();
            if (tag == 0)
            {
                throw Malformed("the data end in the middle of a message");
            }

            int number = WireFormat.GetTagFieldNumber(tag);
            ulong group = message.GroupOf(number);
            if ((seen & group) != 0)
            {
                throw Malformed($"field {number} of {message.Name} occurs twice");
            }

            seen |= group;
            if (!field(number, WireFormat.GetTagWireType(tag)))
            {
                input.SkipLastField();
            }
        }

        if (input.Position != end)
        {
            throw Malformed("a field is longer than the message around it");
        }
    }

    /// <summary>Reads a field that is a message.</summary>
    public bool Message(WireFormat.WireType type, OnnxMessage message, Func<int, WireFormat.WireType, bool> field)
    {
        int length = Length(type);
        Read(input.Position + length, message, field);
        return true;
    }

    public long Integer(WireFormat.WireType type) =>
        type == WireFormat.WireType.Varint ? input.ReadInt64() : throw Malformed($"an integer has the wire type {type}");

    public string Text(WireFormat.WireType type)
    {
        Expect(type, WireFormat.WireType.LengthDelimited);
        return input.ReadString();
    }

    /// <summary>Reads one value of a repeated integer field, or all values if it is packed.</summary>
    public void Integers(WireFormat.WireType type, Action<long> value)
    {
        if (type == WireFormat.WireType.Varint)
        {
            value(input.ReadInt64());
            return;
        }

        long end = Length(type) + input.Position;
        while (input.Position < end)
        {
            value(input.ReadInt64());
        }

        if (input.Position != end)
        {
            throw Malformed("a packed number is longer than its field");
        }
    }

    /// <summary>Skips a field and returns its bytes: those of its content if it has a length, otherwise those of the number.</summary>
    public long Skip(WireFormat.WireType type)
    {
        long start = input.Position;
        if (type != WireFormat.WireType.LengthDelimited)
        {
            input.SkipLastField();
            return input.Position - start;
        }

        input.SkipLastField();
        // The distance from `start` includes the length's own bytes: a varint of 1 to 5 bytes.
        long whole = input.Position - start;
        int prefix = 1;
        while (prefix < 5 && whole - prefix >= 1L << (7 * prefix))
        {
            prefix++;
        }

        return whole - prefix;
    }

    private int Length(WireFormat.WireType type)
    {
        Expect(type, WireFormat.WireType.LengthDelimited);
        return input.ReadLength();
    }

    private static void Expect(WireFormat.WireType actual, WireFormat.WireType expected)
    {
        if (actual != expected)
        {
            throw Malformed($"a field has the wire type {actual} instead of {expected}");
        }
    }

    private static OnnxRejectedException Malformed(string problem) => new($"The file is damaged or not an ONNX model: {problem}.");
}
