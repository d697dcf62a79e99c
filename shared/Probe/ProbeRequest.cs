using System.Globalization;
using Modeldrop.Manifests;
using Modeldrop.Probe.Child;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>What the child is asked for: <c>request.json</c> in the work folder.</summary>
internal sealed record ProbeRequest
{
    public const string FileName = "request.json";

    public const string Inspect = "inspect";

    public const string Score = "score";

    /// <summary>Scores the records of <see cref="RecordFile.InputsFile"/> in the work folder, one by one.</summary>
    public const string Replay = "replay";

    /// <summary>Reads a data set; there is no model.</summary>
    public const string Dataset = "dataset";

    /// <summary>Tells the two samples of <see cref="Modeldrop.Metrics.TwoSample.TwoSampleFile"/> apart; there is no model.</summary>
    public const string Compare = "compare";

    /// <summary>Verifies the signatures of <see cref="Modeldrop.Signing.SignatureRequest.FileName"/>; there is no model.</summary>
    public const string Verify = "verify";

    /// <param name="index">Of <see cref="Scorings"/>.</param>
    public static string ScoringFolder(string workFolder, int index) =>
        Path.Combine(workFolder, $"scoring-{index.ToString(CultureInfo.InvariantCulture)}");

    public required string Command { get; init; }

    /// <summary>Absolute path of the model file, of the data set, or of the two samples.</summary>
    public required string ModelPath { get; init; }

    /// <summary>Whether an inspection reads the files beside the model too.</summary>
    public bool WithCompanions { get; init; }

    /// <summary>The manifest's inputs, of an inspection.</summary>
    public IReadOnlyDictionary<string, ManifestInput> Inputs { get; init; } = new Dictionary<string, ManifestInput>();

    /// <summary>Which columns of the files beside the model are labels, and so no inputs.</summary>
    public LabelChoice Labels { get; init; } = new();

    /// <summary>The registered signature, where the model has one: it has the names of columns, which the file does not know.</summary>
    public Signature? Declared { get; init; }

    /// <summary>What is scored, one after the other; each leaves its answer in a folder of its own (<see cref="ScoringFolder"/>).</summary>
    public IReadOnlyList<ScoreRequest> Scorings { get; init; } = [];

    public TableLimits Limits { get; init; } = TableLimits.Default;

    public required long MaxMemoryBytes { get; init; }

    public required long MaxOutputBytes { get; init; }

    /// <summary>Memory of all runs, as in the application.</summary>
    public required long MaxRunBytes { get; init; }

    /// <summary>Memory that a model may take to be loaded and run once.</summary>
    public required long MaxModelBytes { get; init; }
}

/// <summary>How the columns of the labels are found (<see cref="LabelColumn"/>).</summary>
/// <param name="Columns">Their names; null: found by the other columns.</param>
/// <param name="IsMultilabel">There is one column for each label, not one in all.</param>
/// <param name="Prefix">Of several labels: they are the columns <c>&lt;prefix&gt;_0</c>, <c>&lt;prefix&gt;_1</c>…; null: not
/// stated.</param>
/// <param name="Names">Of several labels: what they are called, and so perhaps their columns; null: not stated.</param>
public sealed record LabelChoice(
    IReadOnlyList<string>? Columns = null, bool IsMultilabel = false, string? Prefix = null, IReadOnlyList<string>? Names = null)
{
    public static LabelChoice Of(Manifest manifest) => manifest.Task != ModelTask.Multilabel
        ? new LabelChoice(manifest.Label is { } label ? [label] : null)
        : new LabelChoice(manifest.Labels, IsMultilabel: true, manifest.Label, manifest.Prediction?.Classes);
}

/// <summary>What a model is scored on.</summary>
public sealed record ScoreRequest
{
    /// <summary>Absolute path of a .csv or .parquet file; null: no rows, the examples only.</summary>
    public string? DataFile { get; init; }

    /// <summary>Absolute path of the reference data, whose texts are looked up in the graph's encoders; null: they are not.</summary>
    public string? ReferenceFile { get; init; }

    /// <summary>Which columns are the labels, where <see cref="WantsLabels"/> is set.</summary>
    public LabelChoice Labels { get; init; } = new();

    public bool WantsLabels { get; init; }

    /// <summary>Whether the inputs come back too, as the model got them.</summary>
    public bool WantsInputs { get; init; }

    /// <summary>Absolute path of a file of golden examples; null: none.</summary>
    public string? ExamplesFile { get; init; }

    /// <summary>Timed runs of a single row; 0: none.</summary>
    public int LatencyRuns { get; init; }

    /// <summary>Whether no other child may run meanwhile: there is a limit for the latency.</summary>
    public bool Alone { get; init; }

    /// <summary>Whether the first rows are scored again, at once, in batches, and with odd values.</summary>
    public bool ChecksBehaviour { get; init; }
}
