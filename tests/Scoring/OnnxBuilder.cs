using Google.Protobuf;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Modeldrop.Tests.Scoring;

/// <summary>Writes small ONNX files by hand, so that tests have a model of every type.</summary>
internal sealed class OnnxBuilder
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

    /// <summary>Negates <c>x</c> <c>k</c> times.</summary>
    public static byte[] Loop() => new OnnxBuilder()
        .Input("k", TensorElementType.Int64, 1).Input("x", TensorElementType.Float, 1).Output("y", TensorType(TensorElementType.Float, 1))
        .Node("Loop", ["k", "", "x"], ["y"], "", Attribute("body", Negation()))
        .Build();

    /// <summary>The body of a loop.</summary>
    private static OnnxBuilder Negation() => new OnnxBuilder()
        .Input("turn", TensorElementType.Int64).Input("goes_on", TensorElementType.Bool).Input("before", TensorElementType.Float, 1)
        .Output("goes_on_still", TensorType(TensorElementType.Bool)).Output("after", TensorType(TensorElementType.Float, 1))
        .Node("Identity", ["goes_on"], ["goes_on_still"]).Node("Neg", ["before"], ["after"]);

    /// <summary>
    /// Sums <c>k</c> + <paramref name="count"/> zeros, which only the run knows; then negates the sum twice, or returns it.
    /// </summary>
    public static byte[] SumOfZeros(long count, bool loops)
    {
        OnnxBuilder builder = new OnnxBuilder()
            .Input("k", TensorElementType.Int64, 1).Output("y", TensorType(TensorElementType.Float, 1)).IntegerInitializer("count", count)
            .Node("Add", ["k", "count"], ["all"]).Node("ConstantOfShape", ["all"], ["zeros"]).Node("ReduceSum", ["zeros"], ["sum"]);
        return loops
            ? builder.IntegerInitializer("twice", 2).Node("Loop", ["twice", "", "sum"], ["y"], "", Attribute("body", Negation())).Build()
            : builder.Node("Identity", ["sum"], ["y"]).Build();
    }

    /// <summary>Makes <c>k</c> zeros; the answer is the zeros or their sum.</summary>
    public static byte[] Zeros(bool isSummed)
    {
        OnnxBuilder builder = new OnnxBuilder().Input("k", TensorElementType.Int64, 1).Output("y", TensorType(TensorElementType.Float, -1));
        return isSummed
            ? builder.Node("ConstantOfShape", ["k"], ["zeros"]).Node("ReduceSum", ["zeros"], ["y"]).Build()
            : builder.Node("ConstantOfShape", ["k"], ["y"]).Build();
    }

    /// <summary>Adds the sum of <paramref name="count"/> constant zeros, which the file does not hold, to <c>x</c>.</summary>
    public static byte[] ConstantZeros(long count) => new OnnxBuilder()
        .Input("x", TensorElementType.Float, 1).Output("y", TensorType(TensorElementType.Float, 1)).IntegerInitializer("shape", count)
        .Node("ConstantOfShape", ["shape"], ["zeros"]).Node("ReduceSum", ["zeros"], ["sum"]).Node("Add", ["x", "sum"], ["y"])
        .Build();

    /// <summary>
    /// Adds <paramref name="constants"/> constants of <paramref name="count"/> zeros each, which the file does not hold, to <c>x</c>: a
    /// session keeps them.
    /// </summary>
    public static byte[] KeptZeros(int constants, long count)
    {
        var builder = new OnnxBuilder();
        builder.Input("x", TensorElementType.Float, 1).Output("y", TensorType(TensorElementType.Float, 1));
        for (int i = 0; i < constants; i++)
        {
            // Of different sizes, because equal ones would be merged.
            builder.IntegerInitializer($"shape{i}", count + i).Node("ConstantOfShape", [$"shape{i}"], [$"zeros{i}"])
                .Node("Add", ["x", $"zeros{i}"], [$"sums{i}"]).Node("ReduceMax", [$"sums{i}"], [$"top{i}"]);
        }

        return builder.Node("Max", [.. Enumerable.Range(0, constants).Select(i => $"top{i}")], ["y"]).Build();
    }

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
