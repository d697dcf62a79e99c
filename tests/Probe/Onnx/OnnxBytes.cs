using Google.Protobuf;

namespace Modeldrop.Tests.Probe.Onnx;

/// <summary>Writes ONNX files field by field (numbers of onnx.proto), including files that no exporter would write.</summary>
internal static class OnnxBytes
{
    public static byte[] Message(Action<CodedOutputStream> write)
    {
        using var memory = new MemoryStream();
        using var output = new CodedOutputStream(memory, leaveOpen: true);
        write(output);
        output.Flush();
        return memory.ToArray();
    }

    public static CodedOutputStream Field(this CodedOutputStream output, int number, byte[] message)
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(message));
        return output;
    }

    public static CodedOutputStream Field(this CodedOutputStream output, int number, string text)
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
        return output;
    }

    public static CodedOutputStream Field(this CodedOutputStream output, int number, long value)
    {
        output.WriteTag(number, WireFormat.WireType.Varint);
        output.WriteInt64(value);
        return output;
    }

    public static byte[] Model(Action<CodedOutputStream> graph, long irVersion = 8, params (string Domain, long Version)[] opsets) =>
        Message(model =>
    {
        model.Field(1, irVersion);
        model.Field(7, Message(graph));
        foreach ((string domain, long version) in opsets.Length == 0 ? [("", 13)] : opsets)
        {
            model.Field(8, Message(opset =>
            {
                opset.Field(1, domain);
                opset.Field(2, version);
            }));
        }
    });

    /// <summary>y = operator(x) on floats of shape [N, width].</summary>
    public static byte[] OneNode(
        string type, string domain = "", long irVersion = 8, long width = 2, params (string Domain, long Version)[] opsets) => Model(
        graph =>
        {
            graph.Field(1, Node(type, domain, "x", "y"));
            graph.Field(2, "graph");
            graph.Field(11, FloatInfo("x", width));
            graph.Field(12, FloatInfo("y", width));
        },
        irVersion, opsets);

    public static byte[] Node(string type, string domain, string input, string output, Action<CodedOutputStream>? more = null) =>
        Message(node =>
    {
        node.Field(1, input);
        node.Field(2, output);
        node.Field(4, type);
        if (domain.Length > 0)
        {
            node.Field(7, domain);
        }

        more?.Invoke(node);
    });

    public static byte[] FloatInfo(string name, long width) => Message(info =>
    {
        info.Field(1, name);
        info.Field(2, Message(type => type.Field(1, Message(tensor =>
        {
            tensor.Field(1, 1);
            tensor.Field(2, Message(shape =>
            {
                shape.Field(1, Message(dimension => dimension.Field(2, "N")));
                shape.Field(1, Message(dimension => dimension.Field(1, width)));
            }));
        }))));
    });

    /// <summary>A float tensor with the given dimensions.</summary>
    public static byte[] Tensor(string name, long[] dimensions, byte[]? raw = null, Action<CodedOutputStream>? more = null) =>
        Message(tensor =>
    {
        foreach (long dimension in dimensions)
        {
            tensor.Field(1, dimension);
        }

        tensor.Field(2, 1);
        tensor.Field(8, name);
        if (raw is not null)
        {
            tensor.Field(9, raw);
        }

        more?.Invoke(tensor);
    });

    /// <summary>y = x + w, with the given w.</summary>
    public static byte[] AddInitializer(byte[] tensor) => Model(graph =>
    {
        graph.Field(1, Message(node =>
        {
            node.Field(1, "x");
            node.Field(1, "w");
            node.Field(2, "y");
            node.Field(4, "Add");
        }));
        graph.Field(2, "graph");
        graph.Field(5, tensor);
        graph.Field(11, FloatInfo("x", 2));
        graph.Field(12, FloatInfo("y", 2));
    });

    /// <summary>y = x + w, with w in another file.</summary>
    public static byte[] External(string location, long offset = 0, long? length = 8) =>
        AddInitializer(ExternalTensor(location, offset, length));

    public static byte[] ExternalTensor(string location, long offset = 0, long? length = 8) => Tensor("w", [2], null, tensor =>
    {
        tensor.Field(13, Entry("location", location));
        tensor.Field(13, Entry("offset", $"{offset}"));
        if (length is { } bytes)
        {
            tensor.Field(13, Entry("length", $"{bytes}"));
        }

        tensor.Field(14, 1);
    });

    private static byte[] Entry(string key, string value) => Message(entry =>
    {
        entry.Field(1, key);
        entry.Field(2, value);
    });
}
