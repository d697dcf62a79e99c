using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Calls;

// Calls of MLflow's protocol about experiments.

public sealed record CreateExperimentCall(string Name, IReadOnlyDictionary<string, string> Tags) : ITrackingCall<CreateExperimentCall>
{
    public static CreateExperimentCall Read(CallFields fields)
    {
        if (fields.Text("artifact_location") is { } location && !location.StartsWith("mlflow-artifacts:", StringComparison.Ordinal))
        {
            fields.Refuse($"'artifact_location' is '{location}'; leave it out, because this server stores the artifacts itself.");
        }

        return new CreateExperimentCall(fields.Required("name", ExperimentCall.MaxNameChars), fields.Pairs("tags"));
    }
}

/// <summary>A call about an experiment.</summary>
public sealed record ExperimentCall(string Id) : ITrackingCall<ExperimentCall>
{
    internal const int MaxNameChars = 500;

    public static ExperimentCall Read(CallFields fields) => new(fields.Required("experiment_id"));
}

public sealed record ExperimentNameCall(string Name) : ITrackingCall<ExperimentNameCall>
{
    public static ExperimentNameCall Read(CallFields fields) => new(fields.Required("experiment_name", ExperimentCall.MaxNameChars));
}

public sealed record SearchExperimentsCall(SearchFields Search, ViewType View) : ITrackingCall<SearchExperimentsCall>
{
    public static SearchExperimentsCall Read(CallFields fields) =>
        new(SearchFields.Read(fields, byDefault: 1_000, max: 10_000), SearchFields.ReadView(fields, "view_type"));
}

public sealed record UpdateExperimentCall(string Id, string? NewName) : ITrackingCall<UpdateExperimentCall>
{
    public static UpdateExperimentCall Read(CallFields fields) =>
        new(fields.Required("experiment_id"), fields.Text("new_name", ExperimentCall.MaxNameChars));
}

public sealed record SetExperimentTagCall(string Id, string Key, string Value) : ITrackingCall<SetExperimentTagCall>
{
    public static SetExperimentTagCall Read(CallFields fields) =>
        new(fields.Required("experiment_id"), fields.Required("key"), fields.Text("value") ?? "");
}

public sealed record DeleteExperimentTagCall(string Id, string Key) : ITrackingCall<DeleteExperimentTagCall>
{
    public static DeleteExperimentTagCall Read(CallFields fields) => new(fields.Required("experiment_id"), fields.Required("key"));
}
