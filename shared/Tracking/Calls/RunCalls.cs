using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Calls;

// Calls of MLflow's protocol about runs.

public sealed record CreateRunCall(NewRun Run) : ITrackingCall<CreateRunCall>
{
    public static CreateRunCall Read(CallFields fields) => new(new NewRun(
        fields.Text("experiment_id", maxChars: 250) ?? TrackingIds.DefaultExperiment, fields.Text("run_name", maxChars: 250),
        fields.Text("user_id", maxChars: 250), fields.Number("start_time"), fields.Pairs("tags")));
}

/// <summary>A call about a run.</summary>
public sealed record RunCall(string Id) : ITrackingCall<RunCall>
{
    public static RunCall Read(CallFields fields) => new(IdOf(fields));

    /// <summary>Older clients send only <c>run_uuid</c>.</summary>
    internal static string IdOf(CallFields fields)
    {
        string? older = fields.Text("run_uuid", maxChars: 250);
        return fields.Text("run_id", maxChars: 250) ?? older ?? fields.Required("run_id");
    }
}

public sealed record UpdateRunCall(string Id, string? Status, long? EndTime, string? Name) : ITrackingCall<UpdateRunCall>
{
    private static readonly string[] Statuses = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];

    public static UpdateRunCall Read(CallFields fields) => new(
        RunCall.IdOf(fields), fields.Choice("status", Statuses), fields.Number("end_time"), fields.Text("run_name", maxChars: 250));
}

public sealed record SearchRunsCall(IReadOnlyList<string> Experiments, SearchFields Search, ViewType View)
    : ITrackingCall<SearchRunsCall>
{
    public static SearchRunsCall Read(CallFields fields) => new(
        fields.Texts("experiment_ids"), SearchFields.Read(fields, byDefault: 1_000, max: 50_000),
        SearchFields.ReadView(fields, "run_view_type"));
}

/// <param name="Path">Of a folder, from the root; null: the root.</param>
public sealed record ListRunArtifactsCall(string Id, string? Path) : ITrackingCall<ListRunArtifactsCall>
{
    public static ListRunArtifactsCall Read(CallFields fields)
    {
        fields.Unused("page_token");
        return new ListRunArtifactsCall(RunCall.IdOf(fields), fields.Text("path")?.Trim('/'));
    }
}

public sealed record MetricHistoryCall(string Id, string Key, int Size, string? Token) : ITrackingCall<MetricHistoryCall>
{
    private const int MaxPage = 25_000;

    public static MetricHistoryCall Read(CallFields fields) => new(
        RunCall.IdOf(fields), fields.Required("metric_key"), fields.Count("max_results", MaxPage, MaxPage), fields.Text("page_token"));
}

/// <summary>The children of a folder of artifacts.</summary>
/// <param name="Path">Null: the root of all artifacts.</param>
public sealed record ListArtifactsCall(string? Path) : ITrackingCall<ListArtifactsCall>
{
    public static ListArtifactsCall Read(CallFields fields) =>
        new(fields.Text("path")?.Trim('/') is { Length: > 0 } path ? path : null);
}
