using System.Text.Json;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Answers;

// Experiments, runs and logged models in the words of MLflow. Times are milliseconds since 1970.

public sealed record ExperimentAnswer(
    string ExperimentId, string Name, string ArtifactLocation, string LifecycleStage, long LastUpdateTime, long CreationTime,
    IReadOnlyList<KeyValue> Tags)
{
    public static ExperimentAnswer Of(Experiment experiment) => new(
        experiment.Id, experiment.Name, $"mlflow-artifacts:/{experiment.Id}", Stages.Of(experiment.Deleted), experiment.UpdatedAt,
        experiment.CreatedAt, KeyValue.ListOf(experiment.Tags));
}

public sealed record RunInfoAnswer(
    string RunId, string RunUuid, string RunName, string ExperimentId, string UserId, string Status, long StartTime, long? EndTime,
    string ArtifactUri, string LifecycleStage)
{
    public static RunInfoAnswer Of(Run run) => new(
        run.Id, run.Id, run.Name, run.ExperimentId, run.User, run.Status, run.StartTime, run.EndTime,
        ArtifactPath.OfRun(run.ExperimentId, run.Id).Uri, Stages.Of(run.Deleted));
}

public sealed record MetricAnswer(
    string Key, double Value, long Timestamp, long Step, string? DatasetName, string? DatasetDigest, string? ModelId, string? RunId)
{
    public static MetricAnswer Of(MetricPoint point, string? run) => new(
        point.Key, point.Value, point.Timestamp, point.Step, point.DatasetName, point.DatasetDigest, point.ModelId, run);
}

public sealed record RunDataAnswer(
    IReadOnlyList<MetricAnswer> Metrics, IReadOnlyList<KeyValue> Params, IReadOnlyList<KeyValue> Tags);

public sealed record ModelInputAnswer(string ModelId);

public sealed record RunInputsAnswer(IReadOnlyList<JsonElement> DatasetInputs, IReadOnlyList<ModelInputAnswer> ModelInputs);

public sealed record ModelOutputAnswer(string ModelId, long Step);

public sealed record RunOutputsAnswer(IReadOnlyList<ModelOutputAnswer> ModelOutputs);

public sealed record RunAnswer(RunInfoAnswer Info, RunDataAnswer Data, RunInputsAnswer Inputs, RunOutputsAnswer Outputs)
{
    public static RunAnswer Of(Run run) => new(
        RunInfoAnswer.Of(run),
        new RunDataAnswer(
            [.. run.Metrics.Values.Select(point => MetricAnswer.Of(point, run.Id))], KeyValue.ListOf(run.Params),
            KeyValue.ListOf(run.Tags)),
        new RunInputsAnswer(run.Datasets, [.. run.ModelInputs.Select(model => new ModelInputAnswer(model))]),
        new RunOutputsAnswer([.. run.ModelOutputs.Select(output => new ModelOutputAnswer(output.Key, output.Value))]));
}

public sealed record RegistrationAnswer(string Name, string Version);

public sealed record LoggedModelInfoAnswer(
    string ModelId, string ExperimentId, string Name, long CreationTimestampMs, long LastUpdatedTimestampMs, string ArtifactUri,
    string Status, string? ModelType, string? SourceRunId, IReadOnlyList<KeyValue> Tags, IReadOnlyList<RegistrationAnswer> Registrations);

public sealed record LoggedModelDataAnswer(IReadOnlyList<KeyValue> Params, IReadOnlyList<MetricAnswer> Metrics);

public sealed record LoggedModelAnswer(LoggedModelInfoAnswer Info, LoggedModelDataAnswer Data)
{
    public static LoggedModelAnswer Of(LoggedModel model) => new(
        new LoggedModelInfoAnswer(
            model.Id, model.ExperimentId, model.Name, model.CreatedAt, model.UpdatedAt,
            ArtifactPath.OfLoggedModel(model.ExperimentId, model.Id).Uri, model.Status, model.ModelType, model.SourceRunId,
            KeyValue.ListOf(model.Tags),
            [.. model.Registrations.Select(one => one.Split('/')).Select(one => new RegistrationAnswer(one[0], one[1]))]),
        new LoggedModelDataAnswer(
            KeyValue.ListOf(model.Params), [.. model.Metrics.Values.Select(point => MetricAnswer.Of(point, model.SourceRunId))]));
}

/// <summary>Whether something is deleted, in MLflow's words.</summary>
internal static class Stages
{
    public static string Of(bool deleted) => deleted ? "deleted" : "active";
}
