using Google.Protobuf;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Modeldrop.Tests.Scoring;

/// <summary>Writes small ONNX files by hand, so that tests have a model of every type.</summary>
internal sealed partial class OnnxBuilder
{
    private readonly List<byte[]> _nodes = [];
    private readonly List<byte[]> _inputs = [];
    private readonly List<byte[]> _outputs = [];
    private readonly List<byte[]> _initializers = [];

    public static byte[] Identity(TensorElementType type, params long[] shape) =>
        new OnnxBuilder().Input("x", type, shape).Output("y", TensorType(type, shape)).Node("Identity", ["x"], ["y"]).Build();

    /// <summary>The same model in other bytes.</summary>
    public static byte[] Identity(string producer, TensorElementType type, params long[] shape) =>
        [.. Identity(type, shape), .. Message(w => w.Text(2, producer))];

    /// <summary>Probabilities <c>[N, k]</c> into a sequence of maps, as scikit-learn's converter ends its graphs.</summary>
    public static byte[] ZipMap(string labelAttribute, byte[] labels, int keyType, int classes) =>
        new OnnxBuilder()
            .Input("x", TensorElementType.Float, -1, classes)
            .Output("y", Message(w => w.Field(4, Message(sequence => sequence.Field(1, MapType(keyType))))))
            .Node("ZipMap", ["x"], ["y"], "ai.onnx.ml", labels)
            .Build();

    public static byte[] Strings(string name, params string[] values) => Message(w =>
    {
        w.Text(1, name);
        foreach (string value in values)
        {
            w.Text(9, value);
        }

        w.Number(20, 8);
    });

    /// <summary>Answers the same texts, of any bytes, whatever <c>x</c> is.</summary>
    public static byte[] ConstantTexts(params byte[][] texts)
    {
        var builder = new OnnxBuilder();
        builder._initializers.Add(Message(w =>
        {
            w.Number(1, texts.Length);
            w.Number(2, (int)TensorElementType.String);
            Array.ForEach(texts, text => w.Field(6, text));
            w.Text(8, "texts");
        }));
        return builder.Input("x", TensorElementType.Float, 1).Output("y", TensorType(TensorElementType.String, texts.Length))
            .Node("Identity", ["texts"], ["y"]).Build();
    }

    public static byte[] Integers(string name, params long[] values) => Message(w =>
    {
        w.Text(1, name);
        foreach (long value in values)
        {
            w.Number(8, value);
        }

        w.Number(20, 7);
    });

    public static byte[] Integer(string name, long value) => Message(w =>
    {
        w.Text(1, name);
        w.Number(3, value);
        w.Number(20, 2);
    });

    public static byte[] Text(string name, string value) => Message(w =>
    {
        w.Text(1, name);
        w.Text(4, value);
        w.Number(20, 3);
    });

    public static byte[] TensorType(TensorElementType type, params long[] shape) => Message(w => w.Field(1, Message(tensor =>
    {
        tensor.Number(1, (int)type);
        tensor.Field(2, Message(dimensions =>
        {
            foreach (long dimension in shape)
            {
                dimensions.Field(1, Message(d =>
                {
                    if (dimension < 0)
                    {
                        d.Text(2, "N");
                    }
                    else
                    {
                        d.Number(1, dimension);
                    }
                }));
            }
        }));
    })));

    /// <summary>A tensor without a declared shape, so of any rank.</summary>
    public static byte[] AnyRank(TensorElementType type) => Message(w => w.Field(1, Message(tensor => tensor.Number(1, (int)type))));

    public static byte[] SequenceType(byte[] element) => Message(w => w.Field(4, Message(sequence => sequence.Field(1, element))));

    public OnnxBuilder Input(string name, TensorElementType type, params long[] shape) => Input(name, TensorType(type, shape));

    public OnnxBuilder Input(string name, byte[] type)
    {
        _inputs.Add(ValueInfo(name, type));
        return this;
    }

    public OnnxBuilder Output(string name, byte[] type)
    {
        _outputs.Add(ValueInfo(name, type));
        return this;
    }

    /// <summary>An initialiser. If it is also listed as an input, it is a default that a caller may replace.</summary>
    public OnnxBuilder Initializer(string name, float[] values, params long[] shape)
    {
        _initializers.Add(Message(w =>
        {
            foreach (long dimension in shape)
            {
                w.Number(1, dimension);
            }

            w.Number(2, (int)TensorElementType.Float);
            w.Text(8, name);
            w.Field(9, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        }));
        return this;
    }

    /// <summary>A constant list of integers, such as the axes of a reduction.</summary>
    public OnnxBuilder IntegerInitializer(string name, params long[] values)
    {
        _initializers.Add(Message(w =>
        {
            w.Number(1, values.Length);
            w.Number(2, (int)TensorElementType.Int64);
            w.Text(8, name);
            w.Field(9, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        }));
        return this;
    }

    public OnnxBuilder Node(string type, string[] inputs, string[] outputs, string domain = "", params byte[][] attributes)
    {
        _nodes.Add(Message(w =>
        {
            foreach (string input in inputs)
            {
                w.Text(1, input);
            }

            foreach (string output in outputs)
            {
                w.Text(2, output);
            }

            w.Text(4, type);
            foreach (byte[] attribute in attributes)
            {
                w.Field(5, attribute);
            }

            w.Text(7, domain);
        }));
        return this;
    }

    public byte[] Build(int opset = 17, int irVersion = 8) => Message(w =>
    {
        w.Number(1, irVersion);
        w.Field(7, Graph());
        foreach ((string domain, int version) in new[] { ("", opset), ("ai.onnx.ml", 1) })
        {
            w.Field(8, Message(import =>
            {
                import.Text(1, domain);
                import.Number(2, version);
            }));
        }
    });

    private static byte[] Attribute(string name, OnnxBuilder graph) => Message(w =>
    {
        w.Text(1, name);
        w.Field(6, graph.Graph());
        w.Number(20, 5);
    });

    private byte[] Graph() => Message(graph =>
    {
        _nodes.ForEach(node => graph.Field(1, node));
        graph.Text(2, "g");
        _initializers.ForEach(initializer => graph.Field(5, initializer));
        _inputs.ForEach(input => graph.Field(11, input));
        _outputs.ForEach(output => graph.Field(12, output));
    });

    private static byte[] MapType(int keyType) => Message(w => w.Field(5, Message(map =>
    {
        map.Number(1, keyType);
        map.Field(2, TensorType(TensorElementType.Float));
    })));

    private static byte[] ValueInfo(string name, byte[] type) => Message(w =>
    {
        w.Text(1, name);
        w.Field(2, type);
    });

    private static byte[] Message(Action<Writer> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            write(new Writer(output));
        }

        return stream.ToArray();
    }

    internal readonly struct Writer(CodedOutputStream output)
    {
        public void Field(int number, byte[] value)
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(value));
        }

        public void Text(int number, string value)
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteString(value);
        }

        public void Number(int number, long value)
        {
            output.WriteTag(number, WireFormat.WireType.Varint);
            output.WriteInt64(value);
        }
    }
}
