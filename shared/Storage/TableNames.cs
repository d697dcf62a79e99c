namespace Modeldrop.Storage;

/// <summary>The tables of the account, without <see cref="StorageOptions.TablePrefix"/>.</summary>
public static class TableNames
{
    /// <summary>Heads and events of all models, in one partition: <c>docs/stored-formats.md</c>.</summary>
    public const string Registry = "Registry";

    /// <summary>Data sets: partition = name, row = version.</summary>
    public const string Datasets = "Datasets";

    /// <summary>Packs of the prediction log.</summary>
    public const string Predictions = "Predictions";

    /// <summary>Feature counts by version and hour, and the fold's cursor in the log.</summary>
    public const string Profiles = "Profiles";

    /// <summary>Which workflow works on a model, and which ones wait.</summary>
    public const string Workflows = "Workflows";

    /// <summary>Counts of the versions in a rollout's traffic, by process.</summary>
    public const string Rollouts = "Rollouts";

    /// <summary>Requests that failed, by hour, version and process.</summary>
    public const string Failures = "Failures";

    /// <summary>Labels of predictions.</summary>
    public const string Feedback = "Feedback";

    /// <summary>Alerts, whether they still hold, and to whom they must still be sent.</summary>
    public const string Alerts = "Alerts";

    /// <summary>Subscribers to the registry's events, and their cursors.</summary>
    public const string Subscriptions = "Subscriptions";

    /// <summary>Keys and browser sessions.</summary>
    public const string Access = "Access";

    /// <summary>Experiments, runs and logged models of MLflow's client, and its data about versions.</summary>
    public const string Tracking = "Tracking";

    public static readonly IReadOnlyList<string> All =
        [Registry, Datasets, Predictions, Profiles, Workflows, Rollouts, Failures, Feedback, Alerts, Subscriptions, Access, Tracking];
}
