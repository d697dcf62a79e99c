using System.Runtime.InteropServices;
using System.Text;

namespace Modeldrop.Tests.Faults;

/// <summary>Changes a model file like a careless person or exporter (field numbers of onnx.proto).</summary>
internal sealed class OnnxEditor
{
    private const int GraphField = 7;
    private const int OpsetField = 8;
    private const int NodeField = 1;
    private const int InitializerField = 5;
    private const int InputField = 11;
    private const int OutputField = 12;

    private OnnxEditor(byte[] bytes)
    {
        Model = ProtoMessage.Parse(bytes);
        Graph = ProtoMessage.Parse(Model.All(GraphField).Single());
        Nodes = [.. Graph.All(NodeField).Select(ProtoMessage.Parse)];
        Initializers = [.. Graph.All(InitializerField).Select(ProtoMessage.Parse)];
    }

    public ProtoMessage Model { get; }

    public ProtoMessage Graph { get; }

    public List<ProtoMessage> Nodes { get; }

    public List<ProtoMessage> Initializers { get; }

    public static OnnxEditor Open(string path) => new(File.ReadAllBytes(path));

    public byte[] Save()
    {
        Graph.Set(NodeField, Nodes.Select(node => node.ToBytes()));
        Graph.Set(InitializerField, Initializers.Select(initializer => initializer.ToBytes()));
        Model.Set(GraphField, Graph.ToBytes());
        return Model.ToBytes();
    }

    public ProtoMessage Node(string type, int index = 0) => Nodes.Where(node => node.Text(4) == type).ElementAt(index);

    public static string[] Inputs(ProtoMessage node) => [.. node.All(1).Select(Encoding.UTF8.GetString)];

    public static string[] Outputs(ProtoMessage node) => [.. node.All(2).Select(Encoding.UTF8.GetString)];

    /// <summary>Makes every node that reads one value read another.</summary>
    public void Rewire(string from, string to)
    {
        foreach (ProtoMessage node in Nodes)
        {
            node.SetText(1, Inputs(node).Select(name => name == from ? to : name));
        }
    }

    /// <summary>Renames a node's output, so that another node can produce the old name, which other nodes still read.</summary>
    public void RenameOutput(string from, string to)
    {
        ProtoMessage node = Nodes.Single(one => Outputs(one).Contains(from));
        node.SetText(2, Outputs(node).Select(name => name == from ? to : name));
    }

    /// <summary>Changes an attribute of a node.</summary>
    public static void Attribute(ProtoMessage node, string name, Action<ProtoMessage> change)
    {
        List<ProtoMessage> attributes = [.. node.All(5).Select(ProtoMessage.Parse)];
        change(attributes.Single(attribute => attribute.Text(1) == name));
        node.Set(5, attributes.Select(attribute => attribute.ToBytes()));
    }

    public static void Floats(ProtoMessage node, string attribute, Func<float[], IReadOnlyList<float>> change) =>
        Attribute(node, attribute, one => one.SetFloats(7, change(one.Floats(7))));

    public static void Integers(ProtoMessage node, string attribute, Func<long[], IReadOnlyList<long>> change) =>
        Attribute(node, attribute, one => one.SetIntegers(8, change(one.Integers(8))));

    public static void Texts(ProtoMessage node, string attribute, Func<string[], IEnumerable<string>> change) =>
        Attribute(node, attribute, one => one.SetText(9, change([.. one.All(9).Select(Encoding.UTF8.GetString)])));

    public ProtoMessage Add(
        string type, string[] inputs, string[] outputs, string domain = "", params (string Name, long Value)[] attributes)
    {
        var node = new ProtoMessage();
        node.SetText(1, inputs);
        node.SetText(2, outputs);
        node.SetText(4, type);
        node.SetText(7, domain);
        node.Set(5, attributes.Select(attribute =>
        {
            var message = new ProtoMessage();
            message.SetText(1, attribute.Name);
            message.Set(3, attribute.Value);
            message.Set(20, 2);
            return message.ToBytes();
        }));
        Nodes.Add(node);
        return node;
    }

    public void AddFloats(string name, long[] shape, params float[] values) =>
        AddInitializer(name, shape, dataType: 1, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public void AddIntegers(string name, long[] shape, params long[] values) =>
        AddInitializer(name, shape, dataType: 7, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>Changes the numbers of an initialiser of floats.</summary>
    public void Weights(string name, Func<float[], float[]> change)
    {
        ProtoMessage tensor = Initializers.Single(one => one.Text(8) == name);
        float[] values = tensor.All(9).FirstOrDefault() is { Length: > 0 } raw
            ? MemoryMarshal.Cast<byte, float>(raw).ToArray()
            : tensor.Floats(4);
        tensor.SetFloats(4, []);
        tensor.Set(9, MemoryMarshal.AsBytes(change(values).AsSpan()).ToArray());
    }

    /// <summary>Changes the description of an input or output.</summary>
    public void Describe(bool isInput, string name, Action<ProtoMessage> change)
    {
        int field = isInput ? InputField : OutputField;
        List<ProtoMessage> values = [.. Graph.All(field).Select(ProtoMessage.Parse)];
        change(values.Single(value => value.Text(1) == name));
        Graph.Set(field, values.Select(value => value.ToBytes()));
    }

    public void RemoveOutput(string name) =>
        Graph.Set(OutputField, Graph.All(OutputField).Where(value => ProtoMessage.Parse(value).Text(1) != name));

    /// <summary>Changes the declared element type of an input or output.</summary>
    public void Retype(bool isInput, string name, long type) => Describe(isInput, name, value =>
    {
        ProtoMessage typed = ProtoMessage.Parse(value.All(2).Single());
        ProtoMessage tensor = ProtoMessage.Parse(typed.All(1).Single());
        tensor.Set(1, type);
        typed.Set(1, tensor.ToBytes());
        value.Set(2, typed.ToBytes());
    });

    public void Opset(string domain, long version)
    {
        List<ProtoMessage> opsets = [.. Model.All(OpsetField).Select(ProtoMessage.Parse)];
        opsets.Single(opset => opset.Text(1) == domain).Set(2, version);
        Model.Set(OpsetField, opsets.Select(opset => opset.ToBytes()));
    }

    private void AddInitializer(string name, long[] shape, long dataType, byte[] raw)
    {
        var tensor = new ProtoMessage();
        tensor.SetIntegers(1, shape);
        tensor.Set(2, dataType);
        tensor.SetText(8, name);
        tensor.Set(9, raw);
        Initializers.Add(tensor);
    }
}
