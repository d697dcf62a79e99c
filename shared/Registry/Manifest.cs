namespace Modeldrop.Registry;

/// <summary><c>model.json</c>: what the owner of a model says of it. Every member is optional.</summary>
public sealed record Manifest
{
    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public ModelTask? Task { get; init; }

    /// <summary>The label's column in the data files.</summary>
    public string? Label { get; init; }

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
}

/// <summary>The output that answers: a column of probabilities, or a value.</summary>
/// <param name="Column">Of a <c>[N, k]</c> output, counted from 0; null: the output as a whole.</param>
public sealed record PredictionOutput(string Output, int? Column = null);

public sealed record DatasetSource(string? Name = null, string? Uri = null, string? Note = null);

public sealed record ModelSource(string? Git = null, string? Run = null);

/// <summary>Bounds of a metric.</summary>
/// <param name="MaxDropFromChampion">How much worse than the champion, on the same rows, in the metric's own unit.</param>
public sealed record MetricBounds(double? Min = null, double? Max = null, double? MaxDropFromChampion = null);

public sealed record ValidationPolicy
{
    /// <summary>By metric name: <c>accuracy</c>, <c>log_loss</c>, <c>roc_auc</c>, <c>mae</c>, <c>rmse</c>, <c>r2</c>.</summary>
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

public sealed record PromotionPolicy
{
    public PromotionMode Mode { get; init; } = PromotionMode.Auto;

    /// <summary>Percent of the traffic, rising, ending at 100.</summary>
    public IReadOnlyList<int> Steps { get; init; } = [100];

    public double BakeMinutes { get; init; }

    public bool Approval { get; init; }
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

    public string? AlertWebhook { get; init; }

    public DriftAction OnDrift { get; init; } = DriftAction.Alert;

    public DriftAction OnDegraded { get; init; } = DriftAction.Alert;
}
