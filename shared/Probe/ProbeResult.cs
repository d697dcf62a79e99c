using Modeldrop.Metrics.TwoSample;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>The child's answer: <c>result.json</c> in the work folder.</summary>
internal sealed record ProbeResult
{
    public const string FileName = "result.json";

    public const string OutputsFile = "outputs.tensors";

    public const string InputsFile = "inputs.tensors";

    public const string LabelsFile = "labels.tensors";

    public static string ExampleFile(int index) => $"example-{index}.tensors";

    /// <summary>Why there is no answer, in plain words; empty when there is one.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>External data that are not there, where nothing else is wrong with the model.</summary>
    public IReadOnlyList<string> MissingFiles { get; init; } = [];

    public ModelInspection? Inspection { get; init; }

    public string? FirstRunFailure { get; init; }

    /// <summary>Where asked for; also when the model is refused.</summary>
    public CompanionFindings? Companions { get; init; }

    public ScoreFigures? Figures { get; init; }

    /// <summary>Of the signatures that were to be verified, in their order; null: it was not asked for.</summary>
    public IReadOnlyList<SignatureFinding>? Signatures { get; init; }

    /// <summary>Null: it was not asked for, or there were too few rows.</summary>
    public TwoSampleResult? Comparison { get; init; }
}

/// <summary>What was seen while a model was scored.</summary>
public sealed record ScoreFigures
{
    public int Rows { get; init; }

    /// <summary>Why the rows were only read as inputs; null: they were scored.</summary>
    public string? NotScored { get; init; }

    /// <summary>Rows of the data file that are none of <see cref="Rows"/>: they lack a value that no element can say.</summary>
    public int RowsLeftOut { get; init; }

    /// <summary>By column, in how many rows such a value is missing.</summary>
    public IReadOnlyDictionary<string, int> Gaps { get; init; } = new Dictionary<string, int>();

    /// <summary>Columns of the data file.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Outputs without a value for each row, which are not part of the result.</summary>
    public IReadOnlyList<string> OutputsLeftOut { get; init; } = [];

    /// <summary>Empty: there is no label.</summary>
    public IReadOnlyList<string> LabelColumns { get; init; } = [];

    /// <summary>How the labels' columns were chosen, or why there are none.</summary>
    public string? LabelRule { get; init; }

    public LatencyFigures? Latency { get; init; }

    /// <summary>Whether runs on the same rows, at different places of memory, gave the same bits; null: not checked.</summary>
    public bool? IsDeterministic { get; init; }

    /// <summary>Whether runs at the same time on one session gave the same bits; null: not checked.</summary>
    public bool? IsDeterministicOverThreads { get; init; }

    /// <summary>
    /// Whether rows get the same bits alone and in batches; null: not checked, too slow, or the model takes one row at a time.
    /// </summary>
    public bool? IsBatchInvariant { get; init; }

    /// <summary>
    /// Whether requests get the bits of ONNX Runtime alone, in every way that they are served; null: no rows, or not deterministic.
    /// </summary>
    public bool? IsServedAsAlone { get; init; }

    /// <summary>Rows without NaN that were answered with NaN.</summary>
    public int NaNRows { get; init; }

    public IReadOnlyList<OddInput> OddInputs { get; init; } = [];

    /// <summary>
    /// Columns of the reference data with texts that the graph does not know; null: not asked for, or it has no encoders.
    /// </summary>
    public IReadOnlyList<UnknownTexts>? UnknownTexts { get; init; }

    /// <summary>For each golden example why it could not be scored; null where it was.</summary>
    public IReadOnlyList<string?> ExampleFailures { get; init; } = [];

    /// <summary>The largest resident set of the process that scored, in bytes.</summary>
    public long PeakMemoryBytes { get; init; }

    public ScoringEnvironment? Environment { get; init; }
}

/// <summary>Time of single-row runs, warm, in milliseconds.</summary>
public sealed record LatencyFigures(int Runs, double P50Ms, double P95Ms, double MaxMs, double P99Ms = 0);

/// <summary>How a model answered a row that no training set has.</summary>
/// <param name="Input">What was odd, in words.</param>
/// <param name="Failure">Why it could not be scored; null: it was.</param>
/// <param name="IsNaN">It was answered with NaN.</param>
public sealed record OddInput(string Input, string? Failure, bool IsNaN);

/// <summary>What the figures were made with.</summary>
public sealed record ScoringEnvironment(string OnnxRuntime, string Processor, int Processors, string OperatingSystem);

/// <summary>What an inspection found: the model's description, or the reasons why it is refused.</summary>
/// <param name="FirstRunFailure">Why a run with one row of zeros and empty strings failed, where it did; models may refuse such a
/// row.</param>
/// <param name="Companions">Where asked for; null when the process did not live to read them.</param>
public sealed record InspectionOutcome(
    ModelInspection? Inspection, IReadOnlyList<string> Reasons, string? FirstRunFailure = null, CompanionFindings? Companions = null)
{
    public bool IsAccepted => Inspection is not null;

    /// <summary>External data that are not there, if nothing else is wrong with the model: they may be waited for. Else empty.</summary>
    public IReadOnlyList<string> MissingFiles { get; init; } = [];
}

/// <summary>What became of signatures, in their order, or the reasons why nobody knows.</summary>
public sealed record SignatureVerification(IReadOnlyList<SignatureFinding> Findings, IReadOnlyList<string> Reasons);

/// <summary>What scoring gave, or the reasons why it gave nothing.</summary>
/// <param name="Outputs">Each with a value for every row, in the model's order.</param>
/// <param name="Inputs">Where asked for.</param>
/// <param name="Labels">One a row, in the file's text (<see cref="Tabular.LabelText"/>), empty where missing; null when there is no label
/// column.</param>
/// <param name="ExampleOutputs">For each golden example what the model answered; null where it could not.</param>
public sealed record ScoreOutcome(
    ScoreFigures? Figures,
    IReadOnlyList<Tensor> Outputs,
    IReadOnlyList<Tensor> Inputs,
    IReadOnlyList<string>? Labels,
    IReadOnlyList<IReadOnlyList<Tensor>?> ExampleOutputs,
    IReadOnlyList<string> Reasons)
{
    public bool IsScored => Figures is not null;

    internal static ScoreOutcome Failed(IReadOnlyList<string> reasons) => new(null, [], [], null, [], reasons);
}
