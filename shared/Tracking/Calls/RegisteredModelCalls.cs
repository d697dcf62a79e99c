using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Tracking.Calls;

// Calls of MLflow's protocol about registered models.

public sealed record CreateRegisteredModelCall(string Name, string? Description, IReadOnlyDictionary<string, string> Tags)
    : ITrackingCall<CreateRegisteredModelCall>
{
    public static CreateRegisteredModelCall Read(CallFields fields)
    {
        fields.Unused("deployment_job_id");
        return new CreateRegisteredModelCall(
            fields.Required("name"), fields.Text("description", RegisteredModelCall.MaxDescriptionChars), fields.Pairs("tags"));
    }
}

/// <summary>A call about a model.</summary>
public sealed record RegisteredModelCall(string Name) : ITrackingCall<RegisteredModelCall>
{
    internal const int MaxDescriptionChars = 100_000;

    public static RegisteredModelCall Read(CallFields fields) => new(fields.Required("name"));
}

public sealed record SearchRegisteredModelsCall(SearchFields Search) : ITrackingCall<SearchRegisteredModelsCall>
{
    public static SearchRegisteredModelsCall Read(CallFields fields) => new(SearchFields.Read(fields, byDefault: 100, max: 1_000));
}

/// <param name="Description">Empty: none.</param>
public sealed record UpdateRegisteredModelCall(string Name, string Description) : ITrackingCall<UpdateRegisteredModelCall>
{
    public static UpdateRegisteredModelCall Read(CallFields fields)
    {
        fields.Unused("deployment_job_id");
        return new UpdateRegisteredModelCall(
            fields.Required("name"), fields.Text("description", RegisteredModelCall.MaxDescriptionChars) ?? "");
    }
}

public sealed record RenameRegisteredModelCall(string Name) : ITrackingCall<RenameRegisteredModelCall>
{
    public static RenameRegisteredModelCall Read(CallFields fields)
    {
        fields.Unused("new_name");
        return new RenameRegisteredModelCall(fields.Required("name"));
    }
}

public sealed record SetRegisteredModelTagCall(string Name, string Key, string Value) : ITrackingCall<SetRegisteredModelTagCall>
{
    public static SetRegisteredModelTagCall Read(CallFields fields) =>
        new(fields.Required("name"), fields.Required("key"), fields.Text("value") ?? "");
}

public sealed record DeleteRegisteredModelTagCall(string Name, string Key) : ITrackingCall<DeleteRegisteredModelTagCall>
{
    public static DeleteRegisteredModelTagCall Read(CallFields fields) => new(fields.Required("name"), fields.Required("key"));
}

/// <param name="Stages">Empty: all.</param>
public sealed record LatestVersionsCall(string Name, IReadOnlyList<string> Stages) : ITrackingCall<LatestVersionsCall>
{
    public static LatestVersionsCall Read(CallFields fields) => new(fields.Required("name"), fields.Texts("stages"));
}

public sealed record SetModelAliasCall(ModelVersionCall Version, string Alias) : ITrackingCall<SetModelAliasCall>
{
    public static SetModelAliasCall Read(CallFields fields) => new(ModelVersionCall.Read(fields), fields.Required("alias"));
}

/// <summary>A call about an alias.</summary>
public sealed record ModelAliasCall(string Name, string Alias) : ITrackingCall<ModelAliasCall>
{
    public static ModelAliasCall Read(CallFields fields) => new(fields.Required("name"), fields.Required("alias"));
}
