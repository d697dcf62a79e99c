using System.Collections.Frozen;
using Modeldrop.Access;
using Modeldrop.Functions.Site;
using Modeldrop.Functions.Tracking;

namespace Modeldrop.Functions.Access;

/// <summary>
/// The permissions that MLflow's routes need. The model is in their bodies and queries, so each checks by itself whether the caller's
/// grants cover it (<see cref="TrackingAccess"/>). Callers with grants for some models see only the runs that they have created.
/// </summary>
internal static class TrackingPermissions
{
    private const Permissions Bring = Permissions.Publish;
    private const Permissions Note = Permissions.Publish | Permissions.Approve;

    public static readonly FrozenDictionary<string, Permissions> Rows = new Dictionary<string, Permissions>
    {
        [nameof(ServerFunctions.GetServerInfo)] = Permissions.Read,
        [nameof(ServerFunctions.AnswerUnknownCall)] = Permissions.Read,

        [nameof(RegisteredModelFunctions.GetRegisteredModel)] = Permissions.Read,
        [nameof(RegisteredModelFunctions.SearchRegisteredModels)] = Permissions.Read,
        [nameof(RegisteredModelFunctions.GetLatestVersions)] = Permissions.Read,
        [nameof(RegisteredModelFunctions.AskLatestVersions)] = Permissions.Read,
        [nameof(ModelAliasFunctions.GetRegisteredModelAlias)] = Permissions.Read,
        [nameof(ModelVersionFunctions.GetModelVersion)] = Permissions.Read,
        [nameof(ModelVersionFunctions.SearchModelVersions)] = Permissions.Read,
        [nameof(ModelVersionFunctions.GetDownloadUri)] = Permissions.Read,
        [nameof(ExperimentFunctions.GetExperiment)] = Permissions.Read,
        [nameof(ExperimentFunctions.GetExperimentByName)] = Permissions.Read,
        [nameof(ExperimentFunctions.SearchExperiments)] = Permissions.Read,
        [nameof(ExperimentFunctions.ListExperiments)] = Permissions.Read,
        [nameof(RunFunctions.GetRun)] = Permissions.Read,
        [nameof(RunFunctions.SearchRuns)] = Permissions.Read,
        [nameof(RunFunctions.ListRunArtifacts)] = Permissions.Read,
        [nameof(RunLogFunctions.GetMetricHistory)] = Permissions.Read,
        [nameof(LoggedModelFunctions.GetLoggedModel)] = Permissions.Read,
        [nameof(LoggedModelFunctions.SearchLoggedModels)] = Permissions.Read,
        [nameof(LoggedModelFunctions.ListLoggedModelArtifacts)] = Permissions.Read,
        [nameof(RunPages.ShowRuns)] = Permissions.Read,
        [nameof(RunPages.ShowRun)] = Permissions.Read,
        [nameof(ArtifactFunctions.ListArtifacts)] = Permissions.Read,
        [nameof(ArtifactFunctions.DownloadArtifact)] = Permissions.Read,
        [nameof(ArtifactFunctions.RefusePresignedDownload)] = Permissions.Read,

        [nameof(RegisteredModelFunctions.CreateRegisteredModel)] = Bring,
        [nameof(RegistrationFunctions.CreateModelVersion)] = Bring,
        [nameof(ExperimentFunctions.CreateExperiment)] = Bring,
        [nameof(ExperimentFunctions.UpdateExperiment)] = Bring,
        [nameof(ExperimentFunctions.DeleteExperiment)] = Bring,
        [nameof(ExperimentFunctions.RestoreExperiment)] = Bring,
        [nameof(ExperimentFunctions.SetExperimentTag)] = Bring,
        [nameof(ExperimentFunctions.DeleteExperimentTag)] = Bring,
        [nameof(RunFunctions.CreateRun)] = Bring,
        [nameof(RunFunctions.UpdateRun)] = Bring,
        [nameof(RunFunctions.DeleteRun)] = Bring,
        [nameof(RunFunctions.RestoreRun)] = Bring,
        [nameof(RunLogFunctions.LogMetric)] = Bring,
        [nameof(RunLogFunctions.LogParameter)] = Bring,
        [nameof(RunLogFunctions.LogBatch)] = Bring,
        [nameof(RunLogFunctions.SetRunTag)] = Bring,
        [nameof(RunLogFunctions.DeleteRunTag)] = Bring,
        [nameof(RunLogFunctions.LogInputs)] = Bring,
        [nameof(RunLogFunctions.LogOutputs)] = Bring,
        [nameof(RunLogFunctions.LogModel)] = Bring,
        [nameof(LoggedModelFunctions.CreateLoggedModel)] = Bring,
        [nameof(LoggedModelFunctions.FinalizeLoggedModel)] = Bring,
        [nameof(LoggedModelFunctions.DeleteLoggedModel)] = Bring,
        [nameof(LoggedModelFunctions.SetLoggedModelTags)] = Bring,
        [nameof(LoggedModelFunctions.DeleteLoggedModelTag)] = Bring,
        [nameof(LoggedModelFunctions.LogLoggedModelParams)] = Bring,
        [nameof(ArtifactFunctions.UploadArtifact)] = Bring,
        [nameof(ArtifactFunctions.DeleteArtifact)] = Bring,
        [nameof(ArtifactFunctions.RefuseMultipartUpload)] = Bring,

        [nameof(ModelVersionFunctions.UpdateModelVersion)] = Note,
        [nameof(ModelVersionFunctions.SetModelVersionTag)] = Note,
        [nameof(ModelVersionFunctions.DeleteModelVersionTag)] = Note,

        // Tags of models decide which models a grant covers, so publishers may not change them.
        [nameof(RegisteredModelFunctions.UpdateRegisteredModel)] = Permissions.Approve,
        [nameof(RegisteredModelFunctions.DeleteRegisteredModel)] = Permissions.Approve,
        [nameof(RegisteredModelFunctions.RenameRegisteredModel)] = Permissions.Approve,
        [nameof(RegisteredModelFunctions.SetRegisteredModelTag)] = Permissions.Approve,
        [nameof(RegisteredModelFunctions.DeleteRegisteredModelTag)] = Permissions.Approve,
        [nameof(ModelAliasFunctions.SetRegisteredModelAlias)] = Permissions.Approve,
        [nameof(ModelAliasFunctions.DeleteRegisteredModelAlias)] = Permissions.Approve,
        [nameof(ModelVersionFunctions.DeleteModelVersion)] = Permissions.Approve,
        [nameof(ModelVersionFunctions.TransitionModelVersionStage)] = Permissions.Approve,
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
