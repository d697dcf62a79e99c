using System.Globalization;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Tracking.Runs;

/// <summary>Selects items by their deleted state.</summary>
public enum ViewType
{
    ActiveOnly,
    DeletedOnly,
    All,
}

/// <summary>Searches of experiments, runs and logged models, by MLflow's filters and orders.</summary>
public static class TrackingSearch
{
    private static readonly string[] ExperimentKeys = ["name", "creation_time", "last_update_time", "experiment_id"];
    private static readonly string[] RunKeys = ["run_id", "run_name", "status", "user_id", "start_time", "end_time", "experiment_id"];
    private static readonly string[] ModelKeys = [
        "name", "model_id", "model_type", "status", "source_run_id", "creation_time", "creation_timestamp", "creation_timestamp_ms",
        "last_updated_timestamp", "last_updated_timestamp_ms", "experiment_id"];

    public static IReadOnlyList<Experiment> Find(
        IEnumerable<Experiment> all, string? filter, IReadOnlyList<string> orders, ViewType view)
    {
        static bool Knows(string key) => ExperimentKeys.Contains(key) || IsOf(key, "tags.");
        IReadOnlyList<FilterTerm> terms = FilterReader.Read(filter, Knows, $"{string.Join(", ", ExperimentKeys)} and tags.<key>");
        return SearchOrder.Sort(
            all.Where(one => IsIn(one.Deleted, view) && terms.All(term => term.Passes(ValueOf(one, term.Key)))),
            orders, Knows, ValueOf, "creation_time DESC", "experiment_id");
    }

    public static IReadOnlyList<Run> Find(IEnumerable<Run> all, string? filter, IReadOnlyList<string> orders, ViewType view)
    {
        static bool Knows(string key) =>
            RunKeys.Contains(key) || IsOf(key, "tags.") || IsOf(key, "params.") || IsOf(key, "metrics.");
        IReadOnlyList<FilterTerm> terms = FilterReader.Read(
            filter, Knows, $"{string.Join(", ", RunKeys)}, tags.<key>, params.<key> and metrics.<key>");
        return SearchOrder.Sort(
            all.Where(one => IsIn(one.Deleted, view) && terms.All(term => term.Passes(ValueOf(one, term.Key)))),
            orders, Knows, ValueOf, "start_time DESC", "run_id");
    }

    public static IReadOnlyList<LoggedModel> Find(IEnumerable<LoggedModel> all, string? filter, IReadOnlyList<string> orders)
    {
        static bool Knows(string key) =>
            ModelKeys.Contains(key) || IsOf(key, "tags.") || IsOf(key, "params.") || IsOf(key, "metrics.");
        IReadOnlyList<FilterTerm> terms = FilterReader.Read(
            filter, Knows, $"{string.Join(", ", ModelKeys)}, tags.<key>, params.<key> and metrics.<key>");
        return SearchOrder.Sort(
            all.Where(one => terms.All(term => term.Passes(ValueOf(one, term.Key)))),
            orders, Knows, ValueOf, "creation_timestamp DESC", "model_id");
    }

    private static bool IsIn(bool deleted, ViewType view) => view switch
    {
        ViewType.ActiveOnly => !deleted,
        ViewType.DeletedOnly => deleted,
        _ => true,
    };

    private static bool IsOf(string key, string family) => key.Length > family.Length && key.StartsWith(family, StringComparison.Ordinal);

    private static string? ValueOf(Experiment one, string key) => key switch
    {
        "name" => one.Name,
        "experiment_id" => one.Id,
        "creation_time" => Text(one.CreatedAt),
        "last_update_time" => Text(one.UpdatedAt),
        _ => one.Tags.GetValueOrDefault(key["tags.".Length..]),
    };

    private static string? ValueOf(Run one, string key) => key switch
    {
        "run_id" => one.Id,
        "run_name" => one.Name,
        "status" => one.Status,
        "user_id" => one.User,
        "experiment_id" => one.ExperimentId,
        "start_time" => Text(one.StartTime),
        "end_time" => one.EndTime is { } end ? Text(end) : null,
        _ => ValueOf(key, one.Params, one.Tags, one.Metrics),
    };

    private static string? ValueOf(LoggedModel one, string key) => key switch
    {
        "name" => one.Name,
        "model_id" => one.Id,
        "model_type" => one.ModelType,
        "status" => one.Status["LOGGED_MODEL_".Length..],
        "source_run_id" => one.SourceRunId,
        "experiment_id" => one.ExperimentId,
        "creation_time" or "creation_timestamp" or "creation_timestamp_ms" => Text(one.CreatedAt),
        "last_updated_timestamp" or "last_updated_timestamp_ms" => Text(one.UpdatedAt),
        _ => ValueOf(key, one.Params, one.Tags, one.Metrics),
    };

    private static string? ValueOf(
        string key, IReadOnlyDictionary<string, string> parameters, IReadOnlyDictionary<string, string> tags,
        IReadOnlyDictionary<string, MetricPoint> metrics) =>
        key.Split('.', 2) switch
        {
            ["params", var name] => parameters.GetValueOrDefault(name),
            ["tags", var name] => tags.GetValueOrDefault(name),
            [_, var name] => metrics.GetValueOrDefault(name)?.Value.ToString("R", CultureInfo.InvariantCulture),
            _ => null,
        };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
