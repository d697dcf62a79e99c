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

    /// <summary>Feature counts per version and hour, and how far the log is folded into them.</summary>
    public const string Profiles = "Profiles";

    /// <summary>Which workflow works on a model, and which wait.</summary>
    public const string Workflows = "Workflows";

    /// <summary>What versions did with the traffic of a rollout, by process.</summary>
    public const string Rollouts = "Rollouts";

    /// <summary>Requests that failed, by hour, version and process.</summary>
    public const string Failures = "Failures";

    /// <summary>What turned out to be true of predictions.</summary>
    public const string Feedback = "Feedback";

    /// <summary>What had to be told, whether it still holds, and who has to be told yet.</summary>
    public const string Alerts = "Alerts";

    /// <summary>Who is told of the registry's events, and how far.</summary>
    public const string Subscriptions = "Subscriptions";

    /// <summary>Keys and sessions of browsers.</summary>
    public const string Access = "Access";

    /// <summary>Experiments, runs and logged models of MLflow's client, and what it says of versions.</summary>
    public const string Tracking = "Tracking";

    public static readonly IReadOnlyList<string> All =
        [Registry, Datasets, Predictions, Profiles, Workflows, Rollouts, Failures, Feedback, Alerts, Subscriptions, Access, Tracking];
}
