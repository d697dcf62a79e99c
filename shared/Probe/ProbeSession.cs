using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tensors;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Probe;

/// <summary>A loaded model in the child process.</summary>
internal sealed class ProbeSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();

    private ProbeSession(InferenceSession session, Signature signature)
    {
        _session = session;
        Signature = signature;
    }

    public Signature Signature { get; }

    /// <exception cref="OnnxRejectedException">An input or output has a type that no tensor of the protocol carries.</exception>
    public static ProbeSession Load(string path)
    {
        // As the scoring process sets them: other thread counts sum in another order, and the figures are meant to be those of serving.
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        var session = new InferenceSession(path, options);
        try
        {
            List<string> problems = [];
            var signature = new Signature(
                Specs("Input", session.InputNames, session.InputMetadata, problems),
                Specs("Output", session.OutputNames, session.OutputMetadata, problems));
            return problems.Count == 0 ? new ProbeSession(session, signature) : throw new OnnxRejectedException(problems);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> inputs)
    {
        List<OrtValue> values = [];
        try
        {
            values.AddRange(inputs.Select(ToValue));
            using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_runOptions, [.. inputs.Select(input => input.Name)], values, _session.OutputNames);
            return [.. outputs.Select((output, index) => FromValue(_session.OutputNames[index], output))];
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static List<TensorSpec> Specs(string kind, IReadOnlyList<string> names, IReadOnlyDictionary<string, NodeMetadata> metadata, List<string> problems)
    {
        List<TensorSpec> specs = [];
        foreach (string name in names)
        {
            NodeMetadata node = metadata[name];
            if (node.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR && Find(node.ElementDataType) is { } datatype)
            {
                specs.Add(new TensorSpec(name, datatype, [.. node.Dimensions.Select(dimension => (long)dimension)]));
            }
            else
            {
                problems.Add($"{kind} '{name}' is no tensor of a type that the Open Inference Protocol carries.");
            }
        }

        return specs;
    }

    private static Datatype? Find(TensorElementType type) => type switch
    {
        TensorElementType.Bool => Datatype.Bool,
        TensorElementType.UInt8 => Datatype.Uint8,
        TensorElementType.UInt16 => Datatype.Uint16,
        TensorElementType.UInt32 => Datatype.Uint32,
        TensorElementType.UInt64 => Datatype.Uint64,
        TensorElementType.Int8 => Datatype.Int8,
        TensorElementType.Int16 => Datatype.Int16,
        TensorElementType.Int32 => Datatype.Int32,
        TensorElementType.Int64 => Datatype.Int64,
        TensorElementType.Float16 => Datatype.Fp16,
        TensorElementType.BFloat16 => Datatype.Bf16,
        TensorElementType.Float => Datatype.Fp32,
        TensorElementType.Double => Datatype.Fp64,
        TensorElementType.String => Datatype.Bytes,
        _ => null,
    };

    private static TensorElementType ToElementType(Datatype datatype) =>
        Enum.GetValues<TensorElementType>().First(type => Find(type) == datatype);

    private static OrtValue ToValue(Tensor tensor)
    {
        if (tensor.Strings is { } strings)
        {
            var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Shape);
            for (int index = 0; index < strings.Length; index++)
            {
                value.StringTensorSetElementAt(strings[index].AsSpan(), index);
            }

            return value;
        }

        var numbers = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, ToElementType(tensor.Datatype), tensor.Shape);
        if (!tensor.Data.IsEmpty)
        {
            tensor.Data.Span.CopyTo(numbers.GetTensorMutableRawData());
        }

        return numbers;
    }

    private static Tensor FromValue(string name, OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        Datatype datatype = Find(info.ElementDataType) ?? throw new OnnxRejectedException($"Output '{name}' has the element type {info.ElementDataType}, which cannot be carried.");
        return datatype == Datatype.Bytes
            ? Tensor.OfStrings(name, info.Shape, value.GetStringTensorAsArray())
            : Tensor.OfBytes(name, datatype, info.Shape, info.ElementCount == 0 ? default : value.GetTensorMutableRawData().ToArray());
    }
}
