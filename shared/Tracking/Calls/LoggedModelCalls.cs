using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Calls;

// Calls of MLflow's protocol about logged models. The id is in the path.

public sealed record CreateLoggedModelCall(NewLoggedModel Model) : ITrackingCall<CreateLoggedModelCall>
{
    public static CreateLoggedModelCall Read(CallFields fields) => new(new NewLoggedModel(
        fields.Required("experiment_id"), fields.Text("name", maxChars: 250), fields.Text("model_type", maxChars: 250),
        fields.Text("source_run_id", maxChars: 250), fields.Pairs("params", max: 1_000), fields.Pairs("tags")));
}

public sealed record FinalizeLoggedModelCall(string Status) : ITrackingCall<FinalizeLoggedModelCall>
{
    private static readonly string[] Statuses =
        [LoggedModelService.Pending, LoggedModelService.Ready, LoggedModelService.UploadFailed];

    public static FinalizeLoggedModelCall Read(CallFields fields)
    {
        fields.Unused("model_id");
        return new FinalizeLoggedModelCall(fields.RequiredChoice("status", Statuses));
    }
}

/// <param name="Orders">In the form of other searches, such as <c>name DESC</c>.</param>
public sealed record SearchLoggedModelsCall(
    IReadOnlyList<string> Experiments, string? Filter, IReadOnlyList<string> Orders, int Size, string? Token)
    : ITrackingCall<SearchLoggedModelsCall>
{
    public static SearchLoggedModelsCall Read(CallFields fields)
    {
        fields.Unused("datasets");
        return new SearchLoggedModelsCall(
            fields.Texts("experiment_ids"), fields.Text("filter"), [.. fields.Objects("order_by", max: 10).Select(ReadOrder)],
            fields.Count("max_results", byDefault: 100, max: 1_000), fields.Text("page_token"));
    }

    private static string ReadOrder(CallFields order)
    {
        order.Unused("dataset_name", "dataset_digest");
        return $"{order.Required("field_name")} {(order.Flag("ascending") == false ? "DESC" : "ASC")}";
    }
}

public sealed record SetLoggedModelTagsCall(IReadOnlyDictionary<string, string> Tags) : ITrackingCall<SetLoggedModelTagsCall>
{
    public static SetLoggedModelTagsCall Read(CallFields fields)
    {
        fields.Unused("model_id");
        return new SetLoggedModelTagsCall(fields.Pairs("tags"));
    }
}

public sealed record LogLoggedModelParamsCall(IReadOnlyDictionary<string, string> Params) : ITrackingCall<LogLoggedModelParamsCall>
{
    public static LogLoggedModelParamsCall Read(CallFields fields)
    {
        fields.Unused("model_id");
        return new LogLoggedModelParamsCall(fields.Pairs("params", max: 1_000));
    }
}

/// <param name="Path">Of a folder, from the root; null: the root.</param>
public sealed record ListLoggedModelArtifactsCall(string? Path) : ITrackingCall<ListLoggedModelArtifactsCall>
{
    public static ListLoggedModelArtifactsCall Read(CallFields fields)
    {
        fields.Unused("page_token");
        return new ListLoggedModelArtifactsCall(fields.Text("artifact_directory_path")?.Trim('/'));
    }
}
