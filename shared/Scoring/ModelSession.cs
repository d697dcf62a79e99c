using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Tensors;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Scoring;

/// <summary>A loaded model. Thread-safe: runs may overlap. Needs nothing but the file, so that the probe's child process has the very same.</summary>
public sealed class ModelSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly string[] _outputNames;

    private ModelSession(InferenceSession session, Signature signature)
    {
        _session = session;
        _outputNames = [.. session.OutputNames];
        Signature = signature;
    }

    public Signature Signature { get; }

    /// <exception cref="UnsupportedModelException">An input or output is no tensor that the protocol carries.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the file.</exception>
    /// <remarks>One thread a run, in the order of the graph: the same input gives the same bits on every call, and requests are what runs in parallel.</remarks>
    public static ModelSession Load(string path)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        var session = new InferenceSession(path, options);
        try
        {
            var problems = new List<string>();
            var signature = new Signature(
                Describe("Input", session.InputNames, session.InputMetadata, problems),
                Describe("Output", session.OutputNames, session.OutputMetadata, problems));
            return problems.Count == 0 ? new ModelSession(session, signature) : throw new UnsupportedModelException(problems);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Scores; the inputs must fit <see cref="Signature"/>.</summary>
    /// <returns>All outputs, in the order of the signature.</returns>
    /// <exception cref="OnnxRuntimeException">The model fails on these inputs.</exception>
    public IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> inputs)
    {
        var names = new string[inputs.Count];
        var values = new OrtValue[inputs.Count];
        var pins = new MemoryHandle[inputs.Count];
        try
        {
            for (int index = 0; index < inputs.Count; index++)
            {
                names[index] = inputs[index].Name;
                values[index] = ToValue(inputs[index], ref pins[index]);
            }

            using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_runOptions, names, values, _outputNames);
            var tensors = new Tensor[outputs.Count];
            for (int index = 0; index < tensors.Length; index++)
            {
                tensors[index] = FromValue(_outputNames[index], outputs[index]);
            }

            return tensors;
        }
        finally
        {
            for (int index = 0; index < values.Length; index++)
            {
                values[index]?.Dispose();
                pins[index].Dispose();
            }
        }
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static List<TensorSpec> Describe(string kind, IReadOnlyList<string> names, IReadOnlyDictionary<string, NodeMetadata> metadata, List<string> problems)
    {
        var specs = new List<TensorSpec>();
        foreach (string name in names)
        {
            NodeMetadata node = metadata[name];
            if (node.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR && OnnxElementTypes.ToDatatype(node.ElementDataType) is { } datatype)
            {
                specs.Add(new TensorSpec(name, datatype, [.. node.Dimensions.Select(dimension => (long)dimension)]));
            }
            else
            {
                problems.Add($"{kind} '{name}' is no tensor of a type that the Open Inference Protocol carries; export the model without ZipMap.");
            }
        }

        return specs;
    }

    private static unsafe OrtValue ToValue(Tensor tensor, ref MemoryHandle pin)
    {
        if (tensor.Strings is { } strings)
        {
            OrtValue value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Shape);
            for (int index = 0; index < strings.Length; index++)
            {
                value.StringTensorSetElementAt(strings[index].AsSpan(), index);
            }

            return value;
        }

        // The tensor's own memory, held in place for the run: no copy.
        pin = tensor.Data.Pin();
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, OnnxElementTypes.ToElementType(tensor.Datatype), tensor.Shape, (nint)pin.Pointer, tensor.Data.Length);
    }

    private static Tensor FromValue(string name, OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        Datatype datatype = OnnxElementTypes.ToDatatype(info.ElementDataType)
            ?? throw new UnsupportedModelException([$"Output '{name}' has element type {info.ElementDataType}."]);
        return datatype == Datatype.Bytes
            ? Tensor.OfStrings(name, info.Shape, value.GetStringTensorAsArray())
            : Tensor.OfBytes(name, datatype, info.Shape, info.ElementCount == 0 ? default : value.GetTensorMutableRawData().ToArray());
    }
}
