using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Speed;
using Modeldrop.Tensors;
using ErrorCode = Modeldrop.Errors.ErrorCode;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Scoring.Sessions;

/// <summary>A loaded model. Thread-safe: <see cref="Run(IReadOnlyList{Tensor})"/> may be called concurrently.</summary>
/// <remarks>
/// Each caller of <see cref="Load(string, SessionSettings?, Signature?, long)"/> and of the cache holds it and calls
/// <see cref="Dispose"/> once. The last holder closes it, so a request always finishes on its session.
/// </remarks>
public sealed partial class ModelSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly OutputReader[] _outputs;
    private readonly ConcurrentStack<RunLane> _idleLanes = new();
    private readonly ConcurrentDictionary<RunLane, byte> _lanes = new();
    private readonly RunWatch? _watch;
    private int _holders = 1;

    // Switched off permanently when a run has written other shapes than the graph declares.
    private volatile bool _usesSlots;

    private ModelSession(InferenceSession session, TensorSpec[] inputs, OutputReader[] outputs, RunWatch? watch)
    {
        _session = session;
        _watch = watch;
        _outputs = outputs;
        _inputNames = Array.ConvertAll(inputs, input => input.Name);
        _outputNames = Array.ConvertAll(outputs, output => output.Spec.Name);
        Signature = new Signature(inputs, Array.ConvertAll(outputs, output => output.Spec));
        _usesSlots = Array.TrueForAll(outputs, output => output.IsTensor) && RunSlot.Fits(Signature);
        watch?.Add(this);
    }

    /// <summary>
    /// The model's inputs and outputs; sequences and maps as the tensors that <see cref="Run(IReadOnlyList{Tensor})"/> converts them to.
    /// </summary>
    public Signature Signature { get; }

    /// <summary>The registered version; null when the session was loaded from a file alone.</summary>
    public ModelVersion? Version { get; internal init; }

    /// <summary>
    /// Memory attributed to the session: validation's measurement, or the size of the files if that is larger; and its own memory of runs.
    /// </summary>
    internal long MemoryBytes { get; init; }

    /// <summary>Whether runs have an arena of their own (<see cref="RunMemory"/>).</summary>
    internal bool HasOwnMemory { get; init; }

    /// <summary>Loads a model file, with external data beside it.</summary>
    /// <param name="settings">Null: <see cref="SessionSettings.Reproducible"/>.</param>
    /// <param name="declared">
    /// Facts that the file does not contain: column names, ranks that it leaves open, and which of the initializers that it lists as inputs
    /// a caller may replace. Null: none.
    /// </param>
    /// <param name="ownRunBytes"><see cref="RunMemory.OwnBytes"/>.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelLoadFailed"/>, with ONNX Runtime's message or with all inputs and outputs that cannot be tensors of the
    /// protocol.
    /// </exception>
    public static ModelSession Load(
        string modelPath, SessionSettings? settings = null, Signature? declared = null, long ownRunBytes = 0) =>
        Load(modelPath, settings, null, 0, null, declared, ownRunBytes);

    /// <param name="watch">Limits the runs; null: time and memory of runs are unlimited.</param>
    internal static ModelSession Load(
        string modelPath,
        SessionSettings? settings,
        ModelVersion? version,
        long memoryBytes,
        RunWatch? watch,
        Signature? declared = null,
        long ownRunBytes = 0)
    {
        if (version is not null)
        {
            declared = version.Inspection.Signature;
            ownRunBytes = RunMemory.OwnBytes(version.Inspection.Loops, version.Inspection.Parameters);
        }

        InferenceSession? session = null;
        try
        {
            using SessionOptions options = (settings ?? SessionSettings.Reproducible).ToOptions();
            session = RunMemory.Open(modelPath, options, ownRunBytes);
            InferenceSession loaded = session;
            var violations = new List<string>();
            TensorSpec?[] inputs =
            [
                .. session.InputNames.Select(name => InputSpec(name, loaded.InputMetadata[name], optional: false, violations)),
                .. session.OverridableInitializerMetadata
                    .Where(input => declared?.FindInput(input.Key) is not null)
                    .Select(input => InputSpec(input.Key, input.Value, optional: true, violations)),
            ];
            OutputReader?[] outputs = [
                .. session.OutputNames.Select(name => OutputReader.Find(name, loaded.OutputMetadata[name], violations))];
            return violations.Count == 0
                ? new ModelSession(session, Array.ConvertAll(inputs, input => Complete(input!, declared)), outputs!, watch)
                {
                    Version = version,
                    MemoryBytes = memoryBytes,
                    HasOwnMemory = ownRunBytes > 0,
                }
                : throw new ServiceException(ErrorCode.ModelLoadFailed, violations);
        }
        catch (Exception exception)
        {
            session?.Dispose();
            if (exception is OnnxRuntimeException)
            {
                throw new ServiceException(
                    ErrorCode.ModelLoadFailed, $"ONNX Runtime cannot load the model: {RunFailure.Reason(exception.Message)}", exception);
            }

            throw;
        }
    }

    /// <summary>Scores; the same inputs give the same bits.</summary>
    /// <param name="inputs">In any order, without omitted optional inputs; already checked by <see cref="TensorValidation"/>.</param>
    /// <returns>All outputs, in the order of <see cref="Signature"/>.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidTensor"/> when the graph rejects these values; <see cref="ErrorCode.ScoringFailed"/>, also when the run
    /// took too long; <see cref="ErrorCode.MemoryExhausted"/>; <see cref="ErrorCode.ModelOverloaded"/> when the process stops.
    /// </exception>
    public IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> inputs) => Run(inputs, default);

    /// <exception cref="OperationCanceledException">All callers have gone.</exception>
    internal IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> inputs, in RunCall call) => RunInLane(inputs, call, mayUseSlot: true);

    /// <summary>
    /// <see cref="Run(IReadOnlyList{Tensor})"/> as ONNX Runtime does it alone: outputs in its own memory, none of ours bound.
    /// </summary>
    internal IReadOnlyList<Tensor> RunUnbound(IReadOnlyList<Tensor> inputs) => RunInLane(inputs, default, mayUseSlot: false);

    /// <summary>
    /// Runs once on zeros and empty strings, so that the first request does not pay for ONNX Runtime's lazy initialisation.
    /// </summary>
    /// <returns>
    /// Why the model rejected that input, if it did; some models rightly reject it (an unknown category), and are warm nevertheless.
    /// </returns>
    public ServiceException? WarmUp()
    {
        var inputs = new List<Tensor>();
        foreach (TensorSpec input in Signature.Inputs)
        {
            if (!input.Optional)
            {
                inputs.Add(ZeroTensor(input));
            }
        }

        try
        {
            Run(inputs);
            return null;
        }
        catch (ServiceException exception)
        {
            return exception;
        }
    }

    /// <summary>
    /// The classes of a graph in the order of the columns that <see cref="Run(IReadOnlyList{Tensor})"/> returns: a map's columns are
    /// ascending, whatever the order in its node.
    /// </summary>
    public IReadOnlyList<string> InColumnOrder(IReadOnlyList<string> classes) =>
        Array.Find(_outputs, output => output.IsMap)?.InColumnOrder(classes) ?? classes;

    /// <summary>Releases the session; each holder must call it once.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _watch?.Remove(this);
            foreach (RunLane lane in _idleLanes)
            {
                lane.Dispose();
            }

            _session.Dispose();
            NativeHeap.Freed(MemoryBytes);
        }
    }

    /// <summary>Adds a holder, unless the last one has already left.</summary>
    internal bool TryHold()
    {
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    private static TensorSpec Complete(TensorSpec input, Signature? declared) => declared?.FindInput(input.Name) is not { } known ? input
        : input with { Columns = known.Columns, UnknownRank = known.UnknownRank && input.Shape.Count == 0 };

    private static TensorSpec? InputSpec(string name, NodeMetadata metadata, bool optional, List<string> violations)
    {
        if (metadata.OnnxValueType == OnnxValueType.ONNX_TYPE_OPTIONAL)
        {
            return InputSpec(name, metadata.AsOptionalMetadata().ElementMeta, optional: true, violations);
        }

        if (metadata.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR)
        {
            violations.Add($"Input '{name}' is {OnnxTypes.Word(metadata.OnnxValueType)}; the protocol has only tensors.");
            return null;
        }

        if (OnnxTypes.Find(metadata.ElementDataType) is not { } datatype)
        {
            violations.Add($"Input '{name}' is of {metadata.ElementDataType}, which the protocol cannot carry.");
            return null;
        }

        return new TensorSpec(name, datatype, OutputReader.ShapeOf(metadata)) { Optional = optional };
    }

    private static Tensor ZeroTensor(TensorSpec input)
    {
        long[] shape = [.. input.Shape.Select(dimension => dimension < 0 ? 1 : dimension)];
        if (input.Datatype != Datatype.Bytes)
        {
            return Tensor.OfBytes(input.Name, input.Datatype, shape, new byte[Tensor.CountOf(shape) * input.Datatype.ElementBytes()]);
        }

        var strings = new string[Tensor.CountOf(shape)];
        Array.Fill(strings, "");
        return Tensor.OfStrings(input.Name, shape, strings);
    }
}
