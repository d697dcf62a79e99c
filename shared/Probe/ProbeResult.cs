using System.Text.Json.Serialization;
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

    /// <summary>Why there is no answer, in plain words; empty if there is one.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>Missing external data, if the model has no other problem.</summary>
    public IReadOnlyList<string> MissingFiles { get; init; } = [];

    /// <summary>Whether something is wrong with the model or with the files beside it.</summary>
    [JsonIgnore]
    public bool HasFindings => Reasons.Count > 0 || Companions?.Violations.Count > 0;

    public ModelInspection? Inspection { get; init; }

    /// <summary>Present if requested, even when the model is rejected.</summary>
    public CompanionFindings? Companions { get; init; }

    public ScoreFigures? Figures { get; init; }

    /// <summary>Findings about the signatures, in their order; null: not requested.</summary>
    public IReadOnlyList<SignatureFinding>? Signatures { get; init; }

    /// <summary>Null: not requested, or there were too few rows.</summary>
    public TwoSampleResult? Comparison { get; init; }
}

/// <summary>Observations from scoring a model.</summary>
public sealed record ScoreFigures
{
    public int Rows { get; init; }

    /// <summary>Why the rows were only read as inputs; null: they were scored.</summary>
    public string? NotScored { get; init; }

    /// <summary>
    /// Rows of the data file that are not part of <see cref="Rows"/>, because they lack a value for an element that cannot express this.
    /// </summary>
    public int RowsLeftOut { get; init; }

    /// <summary>Number of rows without such a value, by column.</summary>
    public IReadOnlyDictionary<string, int> Gaps { get; init; } = new Dictionary<string, int>();

    /// <summary>Outputs that do not have a value for each row, and are left out.</summary>
    public IReadOnlyList<string> OutputsLeftOut { get; init; } = [];

    /// <summary>Empty: there is no label.</summary>
    public IReadOnlyList<string> LabelColumns { get; init; } = [];

    /// <summary>How the labels' columns were chosen, or why there are none.</summary>
    public string? LabelRule { get; init; }

    public LatencyFigures? Latency { get; init; }

    /// <summary>Whether runs on the same rows, at different memory addresses, gave the same bits; null: not checked.</summary>
    public bool? IsDeterministic { get; init; }

    /// <summary>Whether concurrent runs on one session gave the same bits; null: not checked.</summary>
    public bool? IsDeterministicOverThreads { get; init; }

    /// <summary>
    /// Whether rows get the same bits alone and in batches; null: not checked, too slow, or the model accepts only one row.
    /// </summary>
    public bool? IsBatchInvariant { get; init; }

    /// <summary>
    /// Whether requests get the bits of ONNX Runtime alone, in every way of serving; null: there are no rows, or the model is not
    /// deterministic.
    /// </summary>
    public bool? IsServedAsAlone { get; init; }

    /// <summary>Rows without NaN whose answer has NaN.</summary>
    public int NaNRows { get; init; }

    public IReadOnlyList<OddInput> OddInputs { get; init; } = [];

    /// <summary>
    /// Columns of the reference data with texts that the graph does not know; null: not requested, or there are no encoders.
    /// </summary>
    public IReadOnlyList<UnknownTexts>? UnknownTexts { get; init; }

    /// <summary>For each golden example, why it could not be scored; null if it was.</summary>
    public IReadOnlyList<string?> ExampleFailures { get; init; } = [];

    /// <summary>The largest resident set of the scoring process, in bytes.</summary>
    public long PeakMemoryBytes { get; init; }

    public ScoringEnvironment? Environment { get; init; }
}

/// <summary>Time of warm single-row runs, in milliseconds.</summary>
public sealed record LatencyFigures(int Runs, double P50Ms, double P95Ms, double MaxMs, double P99Ms = 0);

/// <summary>A model's answer to an unusual row.</summary>
/// <param name="Input">Describes what was unusual.</param>
/// <param name="Failure">Why the row could not be scored; null if it was.</param>
/// <param name="IsNaN">Whether the answer has NaN.</param>
public sealed record OddInput(string Input, string? Failure, bool IsNaN);

/// <summary>The environment in which the figures were measured.</summary>
public sealed record ScoringEnvironment(string OnnxRuntime, string Processor, int Processors, string OperatingSystem);

/// <summary>The result of an inspection: the model's description, or the reasons for its rejection.</summary>
/// <param name="Companions">Present if requested; null when the process ended before it read them.</param>
public sealed record InspectionOutcome(
    ModelInspection? Inspection, IReadOnlyList<string> Reasons, CompanionFindings? Companions = null)
{
    public bool IsAccepted => Inspection is not null;

    /// <summary>Missing external data, if the model has no other problem: registration may wait for them. Otherwise empty.</summary>
    public IReadOnlyList<string> MissingFiles { get; init; } = [];
}

/// <summary>Findings about signatures, in their order, or the reasons why there are none.</summary>
public sealed record SignatureVerification(IReadOnlyList<SignatureFinding> Findings, IReadOnlyList<string> Reasons);

/// <summary>The result of scoring, or the reasons why there is none.</summary>
/// <param name="Outputs">Outputs with a value for each row, in the model's order.</param>
/// <param name="Inputs">Present if requested.</param>
/// <param name="Labels">
/// One per row, as in the file (<see cref="Tabular.LabelText"/>), empty if missing; null without a label column.
/// </param>
/// <param name="ExampleOutputs">The model's answer to each golden example; null where it failed.</param>
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
