using Google.Protobuf;
using static Google.Protobuf.WireFormat;

namespace Modeldrop.Probe.Onnx;

/// <summary>Reads graphs, their nodes, and the graphs nested in the attributes of nodes.</summary>
internal sealed class OnnxGraphReader(ProtobufMessages messages, CodedInputStream input, ICollection<string> problems)
{
    /// <summary>ONNX Runtime's own parser stops at 100 nested messages; a graph in an attribute needs three.</summary>
    private const int MaxDepth = 32;

    private const int MaxNodes = 2_000_000;

    /// <summary>Maximum elements of one declared input, without variable dimensions: the smallest possible run allocates them.</summary>
    private const long MaxInputElements = 1L << 24;

    private readonly Dictionary<string, int> _operators = new(StringComparer.Ordinal);
    private readonly HashSet<string> _functions = new(StringComparer.Ordinal);
    private readonly OnnxTensorReader _tensors = new(messages, input, problems);
    private readonly OnnxClassLabels _labels = new();
    private readonly OnnxTextKeys _keys = new();
    private readonly HashSet<string> _unknownRanks = new(StringComparer.Ordinal);
    private int _nodes;
    private long _attributeNumbers;

    /// <summary>TensorProto.DataType of the value being read.</summary>
    private long _elementType;

    public IReadOnlyDictionary<string, int> Operators => _operators;

    public IReadOnlyList<ExternalTensor> ExternalTensors => _tensors.External;

    public long Parameters => _tensors.Elements + _attributeNumbers;

    /// <summary>Inputs and outputs declared without a shape; for a sequence, its elements.</summary>
    public IReadOnlySet<string> UnknownRanks => _unknownRanks;

    public IReadOnlyList<string>? Classes() => _labels.Find(_tensors.Named);

    public IReadOnlyDictionary<string, TextKeys> TextKeys() => _keys.Find();

    /// <summary>Operators of domains that neither ONNX Runtime nor the model's own functions define.</summary>
    public IEnumerable<string> CustomOperators() =>
        _operators.Keys.Where(name => !OnnxSupport.MaxOpsets.ContainsKey(name[..name.LastIndexOf(':')]) && !_functions.Contains(name));

    public bool ReadMainGraph(WireType type) => ReadGraph(type, 0);

    public bool ReadNestedGraph(WireType type, int depth) => ReadGraph(type, depth);

    public bool ReadFunction(WireType type, Func<WireType, bool> readOpset)
    {
        string name = "";
        string domain = "";
        messages.Message(type, OnnxMessage.Function, (number, fieldType) =>
        {
            switch (number)
            {
                case 1:
                    name = messages.Text(fieldType);
                    return true;
                case 7:
                    return ReadNode(fieldType, 1);
                case 9:
                    return readOpset(fieldType);
                case 10:
                    domain = messages.Text(fieldType);
                    return true;
                case 11:
                    return ReadAttribute(fieldType, 1, null);
                default:
                    return false;
            }
        });
        _functions.Add($"{OnnxSupport.Domain(domain)}:{name}");
        return true;
    }

    private bool ReadGraph(WireType type, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new OnnxRejectedException($"Graphs are nested more than {MaxDepth} deep.");
        }

        return messages.Message(type, OnnxMessage.Graph, (number, fieldType) => number switch
        {
            1 => ReadNode(fieldType, depth),
            5 => _tensors.Read(fieldType, keep: depth == 0),
            11 when depth == 0 => ReadValue(fieldType, isInput: true),
            12 when depth == 0 => ReadValue(fieldType, isInput: false),
            15 => _tensors.ReadSparse(fieldType),
            _ => false,
        });
    }

    private bool ReadNode(WireType type, int depth)
    {
        if (++_nodes > MaxNodes)
        {
            throw new OnnxRejectedException($"The model has more than {MaxNodes:N0} nodes.");
        }

        var node = new OnnxNode();
        messages.Message(type, OnnxMessage.Node, (number, fieldType) =>
        {
            switch (number)
            {
                case 1:
                    node.Inputs.Add(messages.Text(fieldType));
                    return true;
                case 2:
                    node.Outputs.Add(messages.Text(fieldType));
                    return true;
                case 4:
                    node.Type = messages.Text(fieldType);
                    return true;
                case 5:
                    return ReadAttribute(fieldType, depth, depth == 0 ? node : null);
                case 7:
                    node.Domain = messages.Text(fieldType);
                    return true;
                default:
                    return false;
            }
        });

        string name = $"{OnnxSupport.Domain(node.Domain)}:{node.Type}";
        _operators[name] = _operators.GetValueOrDefault(name) + 1;
        if (depth == 0)
        {
            _labels.Add(name, node.Inputs.FirstOrDefault(), node.Labels);
            _keys.Add(name, node);
        }

        return true;
    }

    /// <param name="node">Stores the attribute's labels and texts; null: nothing is stored.</param>
    private bool ReadAttribute(WireType type, int depth, OnnxNode? node)
    {
        string name = "";
        return messages.Message(type, OnnxMessage.Attribute, (number, fieldType) =>
        {
            // Every known writer puts the name first; an attribute in another order is merely not stored.
            bool labelling = node is not null && name is "classlabels_strings" or "classlabels_ints" or "classlabels_int64s";
            bool keyed = node is not null && OnnxTextKeys.IsKeyAttribute(name);
            switch (number)
            {
                case 1:
                    name = messages.Text(fieldType);
                    return true;
                case 4 when node is not null && name == "case_change_action":
                    node.CaseChange = messages.Text(fieldType);
                    return true;
                case 5 when keyed:
                    return _tensors.Read(fieldType, keep: false, node!.Keys);
                case 9 when keyed && node!.Keys.Count <= OnnxTextKeys.MaxKeys:
                    node.Keys.Add(messages.Text(fieldType));
                    return true;
                case 5 or 10:
                    return _tensors.Read(fieldType, keep: false);
                case 6 or 11:
                    return ReadGraph(fieldType, depth + 1);
                case 7:
                    _attributeNumbers += messages.Skip(fieldType) / sizeof(float);
                    return true;
                case 8 when labelling:
                    messages.Integers(fieldType, value => OnnxClassLabels.AddTo(node!.Labels, value));
                    return true;
                case 9 when labelling:
                    OnnxClassLabels.AddTo(node!.Labels, messages.Text(fieldType));
                    return true;
                case 22 or 23:
                    return _tensors.ReadSparse(fieldType);
                default:
                    return false;
            }
        });
    }

    /// <summary>ValueInfoProto: the declared type of an input or output.</summary>
    private bool ReadValue(WireType type, bool isInput)
    {
        string name = "";
        double elements = 1;
        bool hasShape = false;
        _elementType = 0;
        messages.Message(type, OnnxMessage.Value, (number, fieldType) =>
        {
            switch (number)
            {
                case 1:
                    name = messages.Text(fieldType);
                    return true;
                case 2:
                    return ReadType(fieldType, 0, ref hasShape, ref elements);
                default:
                    return false;
            }
        });
        if (!hasShape)
        {
            _unknownRanks.Add(name);
        }

        if (OnnxSupport.ForeignTypes.TryGetValue(_elementType, out string? foreign))
        {
            problems.Add($"{(isInput ? "Input" : "Output")} '{name}' is of {foreign}, which no client can send or read by the "
                + "Open Inference Protocol; convert it in the graph, with a Cast to or from FLOAT.");
        }

        if (isInput && elements > MaxInputElements)
        {
            problems.Add($"Input '{name}' declares {elements:N0} elements; the limit is {MaxInputElements:N0}.");
        }

        return true;
    }

    /// <summary>TypeProto: the type of a tensor, or of the content of a sequence or an optional value.</summary>
    private bool ReadType(WireType type, int depth, ref bool hasShape, ref double elements)
    {
        if (depth > MaxDepth)
        {
            throw new OnnxRejectedException($"Types are nested more than {MaxDepth} deep.");
        }

        bool found = hasShape;
        double count = elements;
        messages.Message(type, OnnxMessage.Type, (kind, kindType) => kind switch
        {
            1 => messages.Message(kindType, OnnxMessage.ElementType, (field, fieldType) =>
                field == 2 ? ReadShape(fieldType) : field == 1 && ReadElementType(fieldType)),
            4 or 9 => messages.Message(kindType, OnnxMessage.ElementType, (field, fieldType) => field == 1
                && ReadType(fieldType, depth + 1, ref found, ref count)),
            _ => false,
        });
        (hasShape, elements) = (found, count);
        return true;

        bool ReadElementType(WireType elementType)
        {
            _elementType = messages.Integer(elementType);
            return true;
        }

        bool ReadShape(WireType shapeType)
        {
            found = true;
            // TensorShapeProto.dim.dim_value
            return messages.Message(shapeType, OnnxMessage.Shape, (field, fieldType) => field == 1
                && messages.Message(fieldType, OnnxMessage.Dimension, (part, partType) =>
                {
                    if (part != 1)
                    {
                        return false;
                    }

                    count *= Math.Max(1, messages.Integer(partType));
                    return true;
                }));
        }
    }
}
