using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Errors;
using Modeldrop.Tensors;
using Modeldrop.Wire;
using ErrorCode = Modeldrop.Errors.ErrorCode;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Scoring.Sessions;

/// <summary>Converts one output of a session to a tensor, whatever its ONNX type.</summary>
/// <remarks>
/// A tensor is unchanged. A map (ZipMap of a single row) becomes <c>[k]</c>, a sequence of maps (scikit-learn's ZipMap) <c>[N, k]</c>:
/// columns in ascending order of the keys, which is the order of the classes. A sequence of tensors of equal shape becomes <c>[n, …]</c>.
/// Whether elements are compatible depends on the request: if they are not, the request is rejected.
/// </remarks>
internal sealed class OutputReader
{
    private readonly Kind _kind;
    private readonly bool _hasTextKeys;

    private OutputReader(TensorSpec spec, Kind kind, MapMetadata? map = null)
    {
        Spec = spec;
        _kind = kind;
        _hasTextKeys = map?.KeyDataType == TensorElementType.String;
    }

    private enum Kind
    {
        Tensor,
        Map,
        SequenceOfMaps,
        SequenceOfTensors,
    }

    public TensorSpec Spec { get; }

    /// <summary>Whether the output is already a tensor.</summary>
    public bool IsTensor => _kind == Kind.Tensor;

    /// <summary>Whether the output is a map or a sequence of maps.</summary>
    public bool IsMap => _kind is Kind.Map or Kind.SequenceOfMaps;

    /// <summary>Returns a reader for the output; null, and a violation, for a type that no tensor of the protocol can represent.</summary>
    public static OutputReader? Find(string name, NodeMetadata metadata, List<string> violations)
    {
        bool isSequence = metadata.OnnxValueType == OnnxValueType.ONNX_TYPE_SEQUENCE;
        NodeMetadata element = isSequence ? metadata.AsSequenceMetadata().ElementMeta : metadata;
        if (element.OnnxValueType is not (OnnxValueType.ONNX_TYPE_TENSOR or OnnxValueType.ONNX_TYPE_MAP))
        {
            string elements = isSequence ? $" whose elements are {OnnxTypes.Word(element.OnnxValueType)} each" : "";
            string what = OnnxTypes.Word(metadata.OnnxValueType) + elements;
            violations.Add($"Output '{name}' is {what}, which cannot be turned into a tensor.");
            return null;
        }

        bool isMap = element.OnnxValueType == OnnxValueType.ONNX_TYPE_MAP;
        MapMetadata? map = isMap ? element.AsMapMetadata() : null;
        TensorElementType type = map?.ValueMetadata.ElementDataType ?? element.ElementDataType;
        if (OnnxTypes.Find(type) is not { } datatype)
        {
            violations.Add($"Output '{name}' is of {type}, which the protocol cannot carry.");
            return null;
        }

        long[] shape = isMap ? [-1] : ShapeOf(element);
        return (isSequence, isMap) switch
        {
            (false, false) => new OutputReader(new TensorSpec(name, datatype, shape), Kind.Tensor),
            (false, true) => new OutputReader(new TensorSpec(name, datatype, shape), Kind.Map, map),
            (true, true) => new OutputReader(new TensorSpec(name, datatype, [-1, .. shape]), Kind.SequenceOfMaps, map),
            _ => new OutputReader(new TensorSpec(name, datatype, [-1, .. shape]) { Sequence = true }, Kind.SequenceOfTensors),
        };
    }

    public static long[] ShapeOf(NodeMetadata metadata) => Array.ConvertAll(metadata.Dimensions, dimension => (long)dimension);

    /// <summary>The keys of a map in the order of the columns; unchanged when they are not its keys.</summary>
    public IReadOnlyList<string> InColumnOrder(IReadOnlyList<string> keys)
    {
        if (_hasTextKeys)
        {
            return [.. keys.Order(StringComparer.Ordinal)];
        }

        return keys.All(key => long.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            ? [.. keys.OrderBy(key => long.Parse(key, CultureInfo.InvariantCulture))]
            : keys;
    }

    /// <summary>Memory of the output's tensor, without parts that are unknown beforehand, such as the characters of texts.</summary>
    public long Bytes(OrtValue value)
    {
        if (_kind != Kind.Tensor)
        {
            return 0;
        }

        long count = value.GetTensorTypeAndShape().ElementCount;
        return Spec.Datatype == Datatype.Bytes ? count * sizeof(int) : count * Spec.Datatype.ElementBytes();
    }

    /// <param name="memory">Owns the memory of a large tensor; null: the garbage collector does.</param>
    public Tensor Read(OrtValue value, RequestMemory? memory) => _kind switch
    {
        Kind.Tensor => ReadTensor(Spec.Name, Spec.Datatype, value, memory),
        Kind.Map => ReadMap(value).Values,
        Kind.SequenceOfMaps => Stack(ReadMaps(value)),
        _ => Stack(ReadTensors(value)),
    };

    private static Tensor ReadTensor(string name, Datatype datatype, OrtValue value, RequestMemory? memory = null)
    {
        long[] shape = value.GetTensorTypeAndShape().Shape;
        if (datatype == Datatype.Bytes)
        {
            return Tensor.OfTexts(name, shape, ReadTexts(value, checked((int)Tensor.CountOf(shape)), memory));
        }

        if (Tensor.CountOf(shape) == 0)
        {
            return Tensor.OfBytes(name, datatype, shape, default);
        }

        ReadOnlySpan<byte> elements = value.GetTensorMutableRawData();
        Memory<byte> data = Allocate(memory, elements.Length);
        elements.CopyTo(data.Span);
        return Tensor.OfBytes(name, datatype, shape, data);
    }

    private static Texts ReadTexts(OrtValue value, int count, RequestMemory? memory)
    {
        long utf8Bytes = 0;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> text = value.GetStringElementAsSpan(i);
            if (!Utf8.IsValid(text))
            {
                // A graph can compute any bytes. Decoding replaces what is not UTF-8.
                return new Texts(value.GetStringTensorAsArray());
            }

            utf8Bytes += text.Length;
        }

        Memory<byte> block = Allocate(memory, TextsWriter.BytesOf(count, utf8Bytes));
        var writer = new TextsWriter(block.Span, count);
        for (int i = 0; i < count; i++)
        {
            writer.Add(value.GetStringElementAsSpan(i));
        }

        return new Texts(block, count);
    }

    private static Memory<byte> Allocate(RequestMemory? memory, int bytes) =>
        memory?.Allocate(bytes) ?? GC.AllocateUninitializedArray<byte>(bytes);

    private List<Tensor> ReadTensors(OrtValue sequence)
    {
        var tensors = new List<Tensor>();
        for (int i = 0; i < sequence.GetValueCount(); i++)
        {
            using OrtValue element = sequence.GetValue(i, OrtAllocator.DefaultInstance);
            tensors.Add(ReadTensor(Spec.Name, Spec.Datatype, element));
        }

        return tensors;
    }

    private List<Tensor> ReadMaps(OrtValue sequence)
    {
        var rows = new List<Tensor>();
        IReadOnlyList<object>? columns = null;
        for (int i = 0; i < sequence.GetValueCount(); i++)
        {
            using OrtValue element = sequence.GetValue(i, OrtAllocator.DefaultInstance);
            (IReadOnlyList<object> keys, Tensor values) = ReadMap(element);
            columns ??= keys;
            if (!columns.SequenceEqual(keys))
            {
                throw new ServiceException(ErrorCode.InvalidTensor,
                    $"For these inputs the rows of output '{Spec.Name}' have different keys. They do not form a table, so the protocol "
                        + $"cannot carry them.");
            }

            rows.Add(values);
        }

        return rows;
    }

    /// <summary>Returns the keys in ascending order, and the values in the order of the keys.</summary>
    private (IReadOnlyList<object> Keys, Tensor Values) ReadMap(OrtValue map)
    {
        using OrtValue keyValue = map.GetValue(0, OrtAllocator.DefaultInstance);
        using OrtValue itemValue = map.GetValue(1, OrtAllocator.DefaultInstance);
        Tensor keys = ReadTensor(Spec.Name, _hasTextKeys ? Datatype.Bytes : Datatype.Int64, keyValue);
        Tensor values = ReadTensor(Spec.Name, Spec.Datatype, itemValue);

        // ONNX Runtime keeps maps ordered today, but does not guarantee it.
        var order = new int[(int)keys.Count];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        if (keys.Strings is { } names)
        {
            Array.Sort((string[])names.Clone(), order, StringComparer.Ordinal);
            return (Array.ConvertAll(order, i => (object)names[i]), Permute(values, order));
        }

        long[] numbers = MemoryMarshal.Cast<byte, long>(keys.Data.Span).ToArray();
        Array.Sort((long[])numbers.Clone(), order);
        return (Array.ConvertAll(order, i => (object)numbers[i]), Permute(values, order));
    }

    private static Tensor Permute(Tensor values, int[] order)
    {
        if (values.Strings is { } strings)
        {
            return Tensor.OfStrings(values.Name, values.Shape, Array.ConvertAll(order, i => strings[i]));
        }

        int size = values.Datatype.ElementBytes();
        var data = new byte[values.Data.Length];
        for (int i = 0; i < order.Length; i++)
        {
            values.Data.Span.Slice(order[i] * size, size).CopyTo(data.AsSpan(i * size));
        }

        return Tensor.OfBytes(values.Name, values.Datatype, values.Shape, data);
    }

    private Tensor Stack(List<Tensor> rows)
    {
        if (rows.Count == 0)
        {
            // Without rows, the number of columns is unknown.
            long[] empty = [0, .. Spec.Shape.Skip(1).Select(dimension => Math.Max(dimension, 0))];
            return Spec.Datatype == Datatype.Bytes
                ? Tensor.OfStrings(Spec.Name, empty, [])
                : Tensor.OfBytes(Spec.Name, Spec.Datatype, empty, default);
        }

        long[] rowShape = rows[0].Shape;
        if (rows.Find(row => !row.Shape.AsSpan().SequenceEqual(rowShape)) is { } other)
        {
            throw new ServiceException(ErrorCode.InvalidTensor,
                $"For these inputs the elements of output '{Spec.Name}' have different shapes, such as "
                + $"[{string.Join(",", rowShape)}] and [{string.Join(",", other.Shape)}]. They do not form a tensor, "
                + $"so the protocol cannot carry them.");
        }

        long[] shape = [rows.Count, .. rowShape];
        if (Spec.Datatype == Datatype.Bytes)
        {
            return Tensor.OfStrings(Spec.Name, shape, [.. rows.SelectMany(row => row.Strings!)]);
        }

        var data = new byte[rows.Count * rows[0].Data.Length];
        for (int i = 0; i < rows.Count; i++)
        {
            rows[i].Data.Span.CopyTo(data.AsSpan(i * rows[0].Data.Length));
        }

        return Tensor.OfBytes(Spec.Name, Spec.Datatype, shape, data);
    }
}
