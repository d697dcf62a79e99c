using System.Collections.Immutable;
using System.Text.Json;

namespace Modeldrop.Tracking.Runs;

// Stored as JSON in the table Tracking. Times are milliseconds since 1970, as in MLflow.

/// <summary>A group of runs.</summary>
public sealed record Experiment
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    public long CreatedAt { get; init; }

    public long UpdatedAt { get; init; }

    public bool Deleted { get; init; }

    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>A value of a metric at a point in time.</summary>
/// <param name="ModelId">The logged model that was measured; null: none.</param>
public sealed record MetricPoint(
    string Key, double Value, long Timestamp, long Step, string? ModelId = null, string? DatasetName = null, string? DatasetDigest = null)
{
    /// <summary>
    /// Whether this point replaces the other one as the metric's last value. The same point for a logged model does not.
    /// </summary>
    public bool IsAfter(MetricPoint other) =>
        (Step, Timestamp, Value, ModelId is null).CompareTo((other.Step, other.Timestamp, other.Value, other.ModelId is null)) > 0;
}

/// <summary>A run of a training script, as the script reports it.</summary>
public sealed record Run
{
    public required string Id { get; init; }

    public required string ExperimentId { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    /// <summary>The name that the client sent; not checked.</summary>
    public string User { get; init; } = "";

    /// <summary><c>RUNNING</c>, <c>SCHEDULED</c>, <c>FINISHED</c>, <c>FAILED</c> or <c>KILLED</c>.</summary>
    public string Status { get; init; } = "RUNNING";

    public long StartTime { get; init; }

    public long? EndTime { get; init; }

    public bool Deleted { get; init; }

    public ImmutableSortedDictionary<string, string> Params { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The last value of each metric; earlier values are separate rows.</summary>
    public ImmutableSortedDictionary<string, MetricPoint> Metrics { get; init; } = ImmutableSortedDictionary<string, MetricPoint>.Empty;

    /// <summary>Data sets, as the client sent them.</summary>
    public ImmutableArray<JsonElement> Datasets { get; init; } = [];

    /// <summary>Logged models that the run used.</summary>
    public ImmutableArray<string> ModelInputs { get; init; } = [];

    /// <summary>Logged models that the run produced, with the step.</summary>
    public ImmutableSortedDictionary<string, long> ModelOutputs { get; init; } = ImmutableSortedDictionary<string, long>.Empty;
}

/// <summary>A logged model: its files are artifacts, and versions may be registered from it.</summary>
public sealed record LoggedModel
{
    public required string Id { get; init; }

    public required string ExperimentId { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    public string? ModelType { get; init; }

    public string? SourceRunId { get; init; }

    /// <summary><c>LOGGED_MODEL_PENDING</c>, <c>…_READY</c> or <c>…_UPLOAD_FAILED</c>.</summary>
    public required string Status { get; init; }

    public long CreatedAt { get; init; }

    public long UpdatedAt { get; init; }

    public bool Deleted { get; init; }

    public ImmutableSortedDictionary<string, string> Params { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The last value of each metric of this model.</summary>
    public ImmutableSortedDictionary<string, MetricPoint> Metrics { get; init; } = ImmutableSortedDictionary<string, MetricPoint>.Empty;

    /// <summary>The versions registered from it, as <c>name/version</c>.</summary>
    public ImmutableSortedSet<string> Registrations { get; init; } = [];
}
