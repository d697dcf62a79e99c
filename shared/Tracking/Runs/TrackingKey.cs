using System.Globalization;
using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Tracking.Runs;

/// <summary>The key of a document in the table <c>Tracking</c>.</summary>
/// <param name="What">The document's name in messages: <c>run '…'</c>.</param>
public sealed record TrackingKey(string Partition, string Row, string What)
{
    public const string Experiments = "experiment";
    public const string ExperimentNames = "experiment-name";
    public const string Runs = "run";
    public const string LoggedModels = "model";

    public static TrackingKey Experiment(string id) => new(Experiments, id, $"experiment '{id}'");

    /// <summary>Reserves the experiment's name.</summary>
    public static TrackingKey ExperimentName(string name) => new(ExperimentNames, TrackingIds.KeyOf(name), $"experiment '{name}'");

    public static TrackingKey Run(string id) => new(Runs, id, $"run '{id}'");

    public static TrackingKey LoggedModel(string id) => new(LoggedModels, id, $"logged model '{id}'");

    /// <summary>A value of a run's metric. The same value logged twice is one row, and another row for each logged model.</summary>
    public static TrackingKey Metric(string run, MetricPoint point) => new(
        MetricsOf(run),
        $"{TrackingIds.KeyOf(point.Key)}~{Sortable(point.Timestamp)}~{Sortable(point.Step)}~"
            + BitConverter.DoubleToInt64Bits(point.Value).ToString("x16", CultureInfo.InvariantCulture)
            + (point.ModelId is { } model ? $"~{TrackingIds.KeyOf(model)}" : ""),
        $"the metrics of run '{run}'");

    public static string MetricsOf(string run) => $"metric-{run}";

    /// <summary>Notes of MLflow's client on a version.</summary>
    public static TrackingKey Version(VersionName version) => new(
        VersionsOf(version.Model), version.Number.ToString("D9", CultureInfo.InvariantCulture), version.ToString());

    public static string VersionsOf(ModelName model) => $"version-{model}";

    /// <summary>The registration that was started for a source.</summary>
    public static TrackingKey Registration(ModelName model, string source) => new(
        $"registration-{model}", TrackingIds.KeyOf(source), $"the registration of '{source}'");

    public ServiceException NotFound() => new(ErrorCode.RunNotFound, $"There is no {What}.");

    // Flipping the sign bit sorts negative numbers first, as strings.
    private static string Sortable(long number) => ((ulong)number ^ (1UL << 63)).ToString("x16", CultureInfo.InvariantCulture);
}
