namespace Modeldrop.Manifests;

/// <summary><c>model.json</c>: the owner's description of a model. Every member is optional.</summary>
public sealed record Manifest
{
    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of all files that belong to the drop; null: not stated.</summary>
    public IReadOnlyList<string>? Companions { get; init; }

    public ModelTask? Task { get; init; }

    /// <summary>
    /// The label's column in the data files; for a multi-label model the columns' common name, before <c>_0</c>, <c>_1</c>…
    /// </summary>
    public string? Label { get; init; }

    /// <summary>For a multi-label model: the labels' columns in the data files, in the order of the output's columns.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>By the input's name. An initializer of the graph that is named here may be replaced by callers.</summary>
    public IReadOnlyDictionary<string, ManifestInput> Inputs { get; init; } = new Dictionary<string, ManifestInput>();

    public PredictionOutput? Prediction { get; init; }

    public DatasetSource? Dataset { get; init; }

    public ModelSource? Source { get; init; }

    public ValidationPolicy Validation { get; init; } = new();

    public PromotionPolicy Promotion { get; init; } = new();

    public LoggingPolicy Logging { get; init; } = new();

    public MonitoringPolicy Monitoring { get; init; } = new();
}

public enum ModelTask
{
    Classification,
    Regression,

    /// <summary>Several labels a row, which do not exclude each other.</summary>
    Multilabel,
}

/// <summary>The owner's description of an input.</summary>
/// <param name="Columns">Columns of the data files, in the order of the elements of a row; null: not stated.</param>
public sealed record ManifestInput(IReadOnlyList<string>? Columns = null);

/// <summary>The meaning of a classifier's scores.</summary>
public enum ScoreKind
{
    Probabilities,

    /// <summary>
    /// Softmax turns these into probabilities, or the logistic function if classes do not exclude each other or there is one column. Only
    /// for measuring.
    /// </summary>
    Logits,
}

/// <summary>The output that contains the prediction: a column of probabilities, or a value.</summary>
/// <param name="Output">Null: found by the shapes of the outputs.</param>
/// <param name="Column">Column of a <c>[N, k]</c> output, counted from 0; null: the whole output.</param>
/// <param name="Classes">Classes in the order of the output's columns; null: the graph's names, or 0 … k−1 without any.</param>
public sealed record PredictionOutput(
    string? Output = null, int? Column = null, IReadOnlyList<string>? Classes = null, ScoreKind Scores = ScoreKind.Probabilities);

/// <summary>The reference data's place in the lineage.</summary>
/// <param name="Version">A registered version that the model came from, even if the data are not beside the model; only with a
/// name.</param>
public sealed record DatasetSource(string? Name = null, string? Uri = null, string? Note = null, int? Version = null);

public sealed record ModelSource(string? Git = null, string? Run = null);

/// <summary>Bounds of a metric.</summary>
/// <param name="MaxDropFromChampion">How much worse than the champion the metric may be on the same rows, in its own unit.</param>
public sealed record MetricBounds(double? Min = null, double? Max = null, double? MaxDropFromChampion = null);

public sealed record ValidationPolicy
{
    /// <summary>Bounds by metric name: <c>accuracy</c>, <c>log_loss</c>, <c>roc_auc</c>, <c>mae</c>, <c>rmse</c>, <c>r2</c>.</summary>
    public IReadOnlyDictionary<string, MetricBounds> Metrics { get; init; } = new Dictionary<string, MetricBounds>();

    public double? LatencyP95Ms { get; init; }

    /// <summary>Share of rows on which candidate and champion may disagree, 0 to 1.</summary>
    public double? MaxDisagreement { get; init; }
}

public enum PromotionMode
{
    Auto,
    Manual,
    Off,
}

/// <summary>What a new drop does while a rollout of its model is running.</summary>
public enum DuringRollout
{
    /// <summary>It waits until the rollout has ended.</summary>
    Wait,

    /// <summary>The rollout ends, its candidate's status is validated again, and the drop goes on.</summary>
    Supersede,
}

public sealed record PromotionPolicy
{
    public PromotionMode Mode { get; init; } = PromotionMode.Auto;

    /// <summary>Percent of the traffic, rising, ending at 100.</summary>
    public IReadOnlyList<int> Steps { get; init; } = [100];

    /// <summary>Minimum time at a step below 100 before its gate may pass it.</summary>
    public double BakeMinutes { get; init; }

    /// <summary>Whether a person must approve before any traffic moves.</summary>
    public bool Approval { get; init; }

    /// <summary>
    /// Whether the approval must come from a person who has neither dropped nor promoted the version; it implies <see cref="Approval"/>.
    /// </summary>
    public bool FourEyes { get; init; }

    /// <summary>Time for the approval. After it the rollout ends without a promotion.</summary>
    public double ApprovalHours { get; init; } = 72;

    /// <summary>Hours between two reminders about the approval.</summary>
    public double ReminderHours { get; init; } = 24;

    public DuringRollout DuringRollout { get; init; } = DuringRollout.Wait;

    public GatePolicy Gate { get; init; } = new();
}

/// <summary>What happens to a rollout whose gate has too few requests when its time ends.</summary>
public enum WhenUndecided
{
    RollBack,
    Promote,
}

/// <summary>The conditions for a rollout's candidate at each step.</summary>
public sealed record GatePolicy
{
    /// <summary>Requests that candidate and champion must each have had since the rollout began; with fewer there is no verdict.</summary>
    public int MinRequests { get; init; } = 100;

    /// <summary>How long a step waits for these requests after its bake time.</summary>
    public double MaxWaitMinutes { get; init; } = 60;

    public WhenUndecided WhenUndecided { get; init; } = WhenUndecided.RollBack;

    /// <summary>By how much the candidate's share of failed requests may exceed the champion's, 0 to 1.</summary>
    public double MaxErrorIncrease { get; init; } = 0.01;

    /// <summary>At most 5 % of the candidate's requests may take longer than this many times the champion's 95th percentile.</summary>
    public double MaxLatencyFactor { get; init; } = 2;

    /// <summary>Total variation distance between the answers of both, 0 to 1: the share of answers that moved.</summary>
    public double MaxOutputShift { get; init; } = 0.2;
}

public enum LoggingMode
{
    Buffered,
    Durable,
    Off,
}

public sealed record LoggingPolicy
{
    public LoggingMode Mode { get; init; } = LoggingMode.Buffered;

    /// <summary>Share of the requests that are logged, 0 to 1.</summary>
    public double Sample { get; init; } = 1;

    public int MaxRecordBytes { get; init; } = 64 * 1024;
}

public enum DriftAction
{
    Alert,
    Rollback,
    Retrain,
}

public sealed record MonitoringPolicy
{
    /// <summary>Length of the current window.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The baseline of the window: <c>reference</c>, <c>season</c>, <c>season:8</c> (weeks), or an interval of instants.</summary>
    public string Baseline { get; init; } = "reference";

    public string? AlertWebhook { get; init; }

    /// <summary>
    /// Receives the request to retrain where an action is <see cref="DriftAction.Retrain"/>; null: <see cref="AlertWebhook"/> receives it.
    /// </summary>
    public string? RetrainWebhook { get; init; }

    public DriftAction OnDrift { get; init; } = DriftAction.Alert;

    public DriftAction OnDegraded { get; init; } = DriftAction.Alert;

    /// <summary>Chance of a false alarm of a check, over all features; null: <c>Monitoring__Significance</c>.</summary>
    public double? Significance { get; init; }

    /// <summary>
    /// By the feature's name: the tensor, or its column as in the data files (<c>pixels_3</c>). A tensor's settings apply to its columns
    /// that have none.
    /// </summary>
    public IReadOnlyDictionary<string, FeaturePolicy> Features { get; init; } = new Dictionary<string, FeaturePolicy>();

    /// <summary>Each slice has one or two inputs. Drift and performance are also reported by their values.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Slices { get; init; } = [];

    /// <summary>Returns the owner's settings for a feature; null: none.</summary>
    /// <param name="name">The feature's name, such as <c>pixels_3</c>.</param>
    /// <param name="tensor">The tensor of which it is a column.</param>
    public FeaturePolicy? FindFeature(string name, string tensor) => Features.GetValueOrDefault(name) ?? Features.GetValueOrDefault(tensor);
}
