using System.Collections.Immutable;
using System.Text.Json;

namespace Modeldrop.Tracking.Runs;

// Stored as JSON in the table Tracking. Times are milliseconds since 1970, as MLflow has them.

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

/// <summary>A value of a metric at a moment.</summary>
/// <param name="ModelId">The logged model that it was measured of; null: of none.</param>
public sealed record MetricPoint(
    string Key, double Value, long Timestamp, long Step, string? ModelId = null, string? DatasetName = null, string? DatasetDigest = null)
{
    /// <summary>Whether it takes the place of another one as the metric's last value.</summary>
    public bool IsAfter(MetricPoint other) =>
        (Step, Timestamp, Value).CompareTo((other.Step, other.Timestamp, other.Value)) >= 0;
}

/// <summary>A training, as its script tells it.</summary>
public sealed record Run
{
    public required string Id { get; init; }

    public required string ExperimentId { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    /// <summary>As the client says; not checked.</summary>
    public string User { get; init; } = "";

    /// <summary><c>RUNNING</c>, <c>SCHEDULED</c>, <c>FINISHED</c>, <c>FAILED</c> or <c>KILLED</c>.</summary>
    public string Status { get; init; } = "RUNNING";

    public long StartTime { get; init; }

    public long? EndTime { get; init; }

    public bool Deleted { get; init; }

    public ImmutableSortedDictionary<string, string> Params { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The last value of each metric; the others are rows of their own.</summary>
    public ImmutableSortedDictionary<string, MetricPoint> Metrics { get; init; } = ImmutableSortedDictionary<string, MetricPoint>.Empty;

    /// <summary>Data sets, as the client sent them.</summary>
    public ImmutableArray<JsonElement> Datasets { get; init; } = [];

    /// <summary>Logged models that went into the run.</summary>
    public ImmutableArray<string> ModelInputs { get; init; } = [];

    /// <summary>Logged models that came of the run, and at which step.</summary>
    public ImmutableSortedDictionary<string, long> ModelOutputs { get; init; } = ImmutableSortedDictionary<string, long>.Empty;
}

/// <summary>A model that was logged: its files are artifacts, and versions may be registered from it.</summary>
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

    /// <summary>The last value of each metric that was measured of it.</summary>
    public ImmutableSortedDictionary<string, MetricPoint> Metrics { get; init; } = ImmutableSortedDictionary<string, MetricPoint>.Empty;

    /// <summary>The versions that were registered from it, as <c>name/version</c>.</summary>
    public ImmutableSortedSet<string> Registrations { get; init; } = [];
}
