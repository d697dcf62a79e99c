using System.Globalization;
using Modeldrop.Manifests;
using Modeldrop.Probe.Child;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Probe;

/// <summary>The task of the child: <c>request.json</c> in the work folder.</summary>
internal sealed record ProbeRequest
{
    public const string FileName = "request.json";

    public const string Inspect = "inspect";

    public const string Score = "score";

    /// <summary>Scores the records of <see cref="RecordFile.InputsFile"/> in the work folder, one by one.</summary>
    public const string Replay = "replay";

    /// <summary>Reads a data set without a model.</summary>
    public const string Dataset = "dataset";

    /// <summary>Compares the two samples of <see cref="Modeldrop.Metrics.TwoSample.TwoSampleFile"/>, without a model.</summary>
    public const string Compare = "compare";

    /// <summary>Verifies the signatures of <see cref="Modeldrop.Signing.SignatureRequest.FileName"/>, without a model.</summary>
    public const string Verify = "verify";

    /// <param name="index">Position in <see cref="Scorings"/>.</param>
    public static string ScoringFolder(string workFolder, int index) =>
        Path.Combine(workFolder, $"scoring-{index.ToString(CultureInfo.InvariantCulture)}");

    public required string Command { get; init; }

    /// <summary>Whether the child waits for another request after its answer.</summary>
    public bool Stays { get; init; }

    /// <summary>Absolute path of the model file, the data set, or the two samples.</summary>
    public required string ModelPath { get; init; }

    /// <summary>Whether an inspection also reads the files beside the model.</summary>
    public bool WithCompanions { get; init; }

    /// <summary>The manifest's inputs, for an inspection.</summary>
    public IReadOnlyDictionary<string, ManifestInput> Inputs { get; init; } = new Dictionary<string, ManifestInput>();

    /// <summary>The columns of the files beside the model that are labels, and therefore not inputs.</summary>
    public LabelChoice Labels { get; init; } = new();

    /// <summary>The registered signature, if there is one: it has column names, which the file does not.</summary>
    public Signature? Declared { get; init; }

    /// <summary>Scorings, executed in order; each writes its answer to its own folder (<see cref="ScoringFolder"/>).</summary>
    public IReadOnlyList<ScoreRequest> Scorings { get; init; } = [];

    public TableLimits Limits { get; init; } = TableLimits.Default;

    public required long MaxMemoryBytes { get; init; }

    public required long MaxOutputBytes { get; init; }

    /// <summary>Memory limit of all runs, as in the application.</summary>
    public required long MaxRunBytes { get; init; }

    /// <summary>Memory limit for loading a model and running it once.</summary>
    public required long MaxModelBytes { get; init; }
}

/// <summary>How label columns are found (<see cref="LabelColumn"/>).</summary>
/// <param name="Columns">Names of the columns; null: they are found by the other columns.</param>
/// <param name="IsMultilabel">Whether there is one column per label instead of a single one.</param>
/// <param name="Prefix">For several labels: the columns are <c>&lt;prefix&gt;_0</c>, <c>&lt;prefix&gt;_1</c>…; null: not stated.</param>
/// <param name="Names">For several labels: their names, which may be the names of their columns; null: not stated.</param>
public sealed record LabelChoice(
    IReadOnlyList<string>? Columns = null, bool IsMultilabel = false, string? Prefix = null, IReadOnlyList<string>? Names = null)
{
    public static LabelChoice Of(Manifest manifest) => manifest.Task != ModelTask.Multilabel
        ? new LabelChoice(manifest.Label is { } label ? [label] : null)
        : new LabelChoice(manifest.Labels, IsMultilabel: true, manifest.Label, manifest.Prediction?.Classes);
}

/// <summary>The data to score.</summary>
public sealed record ScoreRequest
{
    /// <summary>Absolute path of a .csv or .parquet file; null: no rows, only the examples.</summary>
    public string? DataFile { get; init; }

    /// <summary>Absolute path of the reference data, whose texts are looked up in the graph's encoders; null: no look-up.</summary>
    public string? ReferenceFile { get; init; }

    /// <summary>Selects the label columns, if <see cref="WantsLabels"/> is set.</summary>
    public LabelChoice Labels { get; init; } = new();

    public bool WantsLabels { get; init; }

    /// <summary>Whether to return the inputs as the model received them.</summary>
    public bool WantsInputs { get; init; }

    /// <summary>Absolute path of a file of golden examples; null: none.</summary>
    public string? ExamplesFile { get; init; }

    /// <summary>Number of timed runs of a single row; 0: none.</summary>
    public int LatencyRuns { get; init; }

    /// <summary>Whether no other child may run at the same time, because the latency has a limit.</summary>
    public bool Alone { get; init; }

    /// <summary>Whether the first rows are scored again: concurrently, in batches, and with unusual values.</summary>
    public bool ChecksBehaviour { get; init; }
}
