using System.Globalization;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Tracking.Calls;

// Calls of MLflow's protocol about model versions.

public sealed record CreateModelVersionCall(
    string Name, string Source, string? RunId, string? RunLink, string? ModelId, string? Description,
    IReadOnlyDictionary<string, string> Tags) : ITrackingCall<CreateModelVersionCall>
{
    public static CreateModelVersionCall Read(CallFields fields) => new(
        fields.Required("name"), fields.Required("source", maxChars: 2_000), fields.Text("run_id", maxChars: 250),
        fields.Text("run_link"), fields.Text("model_id", maxChars: 250),
        fields.Text("description", RegisteredModelCall.MaxDescriptionChars), fields.Pairs("tags"));
}

/// <summary>A call about a version.</summary>
public sealed record ModelVersionCall(string Name, int Number) : ITrackingCall<ModelVersionCall>
{
    public static ModelVersionCall Read(CallFields fields)
    {
        string name = fields.Required("name");
        string version = fields.Required("version");
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && version.Length > 0)
        {
            fields.Refuse($"'version' is '{version}'; it must be a whole number.");
        }

        return new ModelVersionCall(name, number);
    }
}

public sealed record SearchModelVersionsCall(SearchFields Search) : ITrackingCall<SearchModelVersionsCall>
{
    public static SearchModelVersionsCall Read(CallFields fields) => new(SearchFields.Read(fields, byDefault: 10_000, max: 10_000));
}

/// <param name="Description">Empty: none.</param>
public sealed record UpdateModelVersionCall(ModelVersionCall Version, string Description) : ITrackingCall<UpdateModelVersionCall>
{
    public static UpdateModelVersionCall Read(CallFields fields) => new(
        ModelVersionCall.Read(fields), fields.Text("description", RegisteredModelCall.MaxDescriptionChars) ?? "");
}

/// <param name="Stage"><c>None</c>, <c>Staging</c>, <c>Production</c> or <c>Archived</c>.</param>
public sealed record TransitionStageCall(ModelVersionCall Version, string Stage) : ITrackingCall<TransitionStageCall>
{
    private static readonly string[] Stages = ["None", "Staging", "Production", "Archived"];

    public static TransitionStageCall Read(CallFields fields)
    {
        fields.Unused("archive_existing_versions");
        return new TransitionStageCall(ModelVersionCall.Read(fields), fields.RequiredChoice("stage", Stages));
    }
}

public sealed record SetModelVersionTagCall(ModelVersionCall Version, string Key, string Value) : ITrackingCall<SetModelVersionTagCall>
{
    public static SetModelVersionTagCall Read(CallFields fields) =>
        new(ModelVersionCall.Read(fields), fields.Required("key"), fields.Text("value") ?? "");
}

public sealed record DeleteModelVersionTagCall(ModelVersionCall Version, string Key) : ITrackingCall<DeleteModelVersionTagCall>
{
    public static DeleteModelVersionTagCall Read(CallFields fields) => new(ModelVersionCall.Read(fields), fields.Required("key"));
}
