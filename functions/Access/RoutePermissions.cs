using System.Collections.Frozen;
using Modeldrop.Access;
using Modeldrop.Functions.Events;
using Modeldrop.Functions.Exchange;
using Modeldrop.Functions.Lifecycle.Batch;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Functions.Lifecycle.Rollouts;
using Modeldrop.Functions.Lifecycle.Shadow;
using Modeldrop.Functions.Monitoring;
using Modeldrop.Functions.OpenApi;
using Modeldrop.Functions.Predictions;
using Modeldrop.Functions.Registry;
using Modeldrop.Functions.Scoring;
using Modeldrop.Functions.Site;
using Modeldrop.Functions.Telemetry;

namespace Modeldrop.Functions.Access;

/// <summary>The permissions that each HTTP function needs. A function without a row is refused to everybody.</summary>
internal static class RoutePermissions
{
    private static readonly FrozenDictionary<string, Permissions> Rows = new Dictionary<string, Permissions>
    {
        // Probes have no key.
        [nameof(MetadataFunctions.GetLive)] = Permissions.None,
        [nameof(MetadataFunctions.GetReady)] = Permissions.None,

        // Style and script of the pages are not secret.
        [nameof(AssetFunctions.GetAsset)] = Permissions.None,

        // The routes are not secret.
        [nameof(OpenApiFunctions.GetOpenApi)] = Permissions.None,
        [nameof(OpenApiFunctions.ShowApi)] = Permissions.None,

        // The sign-in and sign-out; each identifies the caller itself.
        [nameof(SignInFunctions.ShowSignIn)] = Permissions.None,
        [nameof(SignInFunctions.SignIn)] = Permissions.None,
        [nameof(SignInFunctions.SignOut)] = Permissions.None,
        [nameof(SignInFunctions.BeginEntraSignIn)] = Permissions.None,
        [nameof(SignInFunctions.EndEntraSignIn)] = Permissions.None,

        [nameof(MetadataFunctions.GetServer)] = Permissions.Metadata,
        [nameof(MetadataFunctions.ListServedModels)] = Permissions.Metadata,
        [nameof(MetadataFunctions.DescribeModel)] = Permissions.Metadata,
        [nameof(MetadataFunctions.DescribeModelVersion)] = Permissions.Metadata,
        [nameof(MetadataFunctions.GetModelReady)] = Permissions.Metadata,
        [nameof(MetadataFunctions.GetModelVersionReady)] = Permissions.Metadata,
        [nameof(MetadataFunctions.GetModelConfig)] = Permissions.Metadata,
        [nameof(MetadataFunctions.GetModelVersionConfig)] = Permissions.Metadata,
        [nameof(MetadataFunctions.GetAllStats)] = Permissions.Metadata,
        [nameof(MetadataFunctions.GetModelStats)] = Permissions.Metadata,
        [nameof(MetadataFunctions.GetModelVersionStats)] = Permissions.Metadata,
        [nameof(MetadataFunctions.IndexRepository)] = Permissions.Metadata,
        [nameof(InvocationFunctions.Ping)] = Permissions.Metadata,
        [nameof(InvocationFunctions.PingModel)] = Permissions.Metadata,
        [nameof(InvocationFunctions.GetHealth)] = Permissions.Metadata,
        [nameof(InvocationFunctions.GetModelHealth)] = Permissions.Metadata,
        [nameof(InvocationFunctions.GetServerVersion)] = Permissions.Metadata,
        [nameof(InvocationFunctions.GetModelServerVersion)] = Permissions.Metadata,

        [nameof(InferenceFunctions.Infer)] = Permissions.Score,
        [nameof(InferenceFunctions.InferVersion)] = Permissions.Score,
        [nameof(InvocationFunctions.Invoke)] = Permissions.Score,
        [nameof(FeedbackFunctions.AddFeedback)] = Permissions.Score,
        [nameof(FeedbackFunctions.AddModelFeedback)] = Permissions.Score,

        [nameof(ModelPages.ShowModels)] = Permissions.Read,
        [nameof(ModelPages.ShowModel)] = Permissions.Read,
        [nameof(ModelPages.ShowVersion)] = Permissions.Read,
        [nameof(MonitoringPages.ShowDrift)] = Permissions.Read,
        [nameof(MonitoringPages.ShowPerformance)] = Permissions.Read,
        [nameof(MonitoringPages.ShowShadow)] = Permissions.Read,
        [nameof(MonitoringPages.ShowDrill)] = Permissions.Read,
        [nameof(OperationPages.ShowOperations)] = Permissions.Read,
        [nameof(OperationPages.ShowOperation)] = Permissions.Read,
        [nameof(RecordPages.SearchPredictions)] = Permissions.Read,
        [nameof(RecordPages.ShowPrediction)] = Permissions.Read,
        [nameof(RecordPages.ShowAlerts)] = Permissions.Read,
        [nameof(RecordPages.ShowAudit)] = Permissions.Read,
        [nameof(DataPages.ShowDatasets)] = Permissions.Read,
        [nameof(DataPages.ShowDataset)] = Permissions.Read,
        [nameof(ModelFunctions.ListModels)] = Permissions.Read,
        [nameof(ModelFunctions.GetModel)] = Permissions.Read,
        [nameof(VersionFunctions.ListVersions)] = Permissions.Read,
        [nameof(VersionFunctions.GetVersion)] = Permissions.Read,
        [nameof(VersionFunctions.GetVersionFile)] = Permissions.Read,
        [nameof(VersionFunctions.GetReport)] = Permissions.Read,
        [nameof(BundleFunctions.GetBundle)] = Permissions.Read,
        [nameof(BundleFunctions.GetBom)] = Permissions.Read,
        [nameof(AliasFunctions.GetAlias)] = Permissions.Read,
        [nameof(AliasFunctions.GetAliasHistory)] = Permissions.Read,
        [nameof(AuditFunctions.GetAudit)] = Permissions.Read,
        [nameof(DatasetFunctions.ListDatasets)] = Permissions.Read,
        [nameof(DatasetFunctions.ListDatasetVersions)] = Permissions.Read,
        [nameof(DatasetFunctions.GetDatasetVersion)] = Permissions.Read,
        [nameof(OperationFunctions.ListOperations)] = Permissions.Read,
        [nameof(OperationFunctions.GetOperation)] = Permissions.Read,
        [nameof(ShadowFunctions.GetModelShadow)] = Permissions.Read,
        [nameof(PredictionFunctions.GetPrediction)] = Permissions.Read,
        [nameof(ExportFunctions.ExportPredictions)] = Permissions.Read,
        [nameof(DriftFunctions.GetDrift)] = Permissions.Read,
        [nameof(DriftFunctions.GetProfile)] = Permissions.Read,
        [nameof(JointDriftFunctions.GetJointDrift)] = Permissions.Read,
        [nameof(DrillFunctions.GetDrill)] = Permissions.Read,
        [nameof(PerformanceFunctions.GetPerformance)] = Permissions.Read,
        [nameof(AlertFunctions.ListAlerts)] = Permissions.Read,
        [nameof(EventFunctions.ListEvents)] = Permissions.Read,
        [nameof(SubscriptionFunctions.ListSubscriptions)] = Permissions.Read,
        [nameof(SubscriptionFunctions.GetSubscription)] = Permissions.Read,
        [nameof(MetricsFunctions.GetMetrics)] = Permissions.Read,

        [nameof(DataPages.ShowDrop)] = Permissions.Publish,
        [nameof(VersionFunctions.UploadVersion)] = Permissions.Publish,
        [nameof(BundleFunctions.ImportBundle)] = Permissions.Publish,
        [nameof(DatasetFunctions.UploadDataset)] = Permissions.Publish,
        [nameof(BatchFunctions.ScoreBatch)] = Permissions.Publish,
        [nameof(PredictionFunctions.ReplayPrediction)] = Permissions.Publish | Permissions.Approve,
        [nameof(DriftFunctions.RunDrift)] = Permissions.Publish | Permissions.Approve,
        [nameof(JointDriftFunctions.RunJointDrift)] = Permissions.Publish | Permissions.Approve,
        [nameof(DrillFunctions.RunDrill)] = Permissions.Publish | Permissions.Approve,

        // Tags decide which models a grant covers, so publishers may not change them.
        [nameof(ModelFunctions.PatchModel)] = Permissions.Approve,
        [nameof(ModelFunctions.DeleteModel)] = Permissions.Approve,
        [nameof(AliasFunctions.SetAlias)] = Permissions.Approve,
        [nameof(AliasFunctions.DeleteAlias)] = Permissions.Approve,
        [nameof(PromotionFunctions.PromoteModel)] = Permissions.Approve,
        [nameof(PromotionFunctions.RollBackModel)] = Permissions.Approve,
        [nameof(ShadowFunctions.SetModelShadow)] = Permissions.Approve,
        [nameof(PushFunctions.PushVersion)] = Permissions.Approve,
        [nameof(OperationFunctions.ApproveOperation)] = Permissions.Approve,
        [nameof(OperationFunctions.RejectOperation)] = Permissions.Approve,
        [nameof(OperationFunctions.CancelOperation)] = Permissions.Publish | Permissions.Approve,
        [nameof(AlertFunctions.RedeliverAlert)] = Permissions.Approve,
        [nameof(SubscriptionFunctions.CreateSubscription)] = Permissions.Approve,
        [nameof(SubscriptionFunctions.DeleteSubscription)] = Permissions.Approve,
        [nameof(SubscriptionFunctions.ResumeSubscription)] = Permissions.Approve,

        [nameof(KeyFunctions.ListKeys)] = Permissions.Keys,
        [nameof(KeyFunctions.CreateKey)] = Permissions.Keys,
        [nameof(KeyFunctions.RevokeKey)] = Permissions.Keys,
        [nameof(KeyPages.ShowKeys)] = Permissions.Keys,
        [nameof(KeyPages.MakeKey)] = Permissions.Keys,
        [nameof(KeyPages.RevokeKeyOfPage)] = Permissions.Keys,
    }.Concat(TrackingPermissions.Rows).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Routes that concern one model only if the address names it with <c>?model=</c>.</summary>
    private static readonly FrozenSet<string> ByModel = new[]
    {
        nameof(AuditFunctions.GetAudit), nameof(OperationFunctions.ListOperations), nameof(AlertFunctions.ListAlerts),
        nameof(EventFunctions.ListEvents), nameof(RecordPages.ShowAudit), nameof(OperationPages.ShowOperations),
        nameof(RecordPages.ShowAlerts),
        nameof(RecordPages.SearchPredictions), nameof(DataPages.ShowDrop),
        nameof(BundleFunctions.ImportBundle),
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>
    /// Functions that concern no single model and are open to callers with grants for some models: lists, which then show only these
    /// models, and answers without data of models.
    /// </summary>
    private static readonly FrozenSet<string> Visible = new[]
    {
        nameof(MetadataFunctions.GetServer), nameof(MetadataFunctions.ListServedModels), nameof(MetadataFunctions.IndexRepository),
        nameof(InvocationFunctions.Ping), nameof(InvocationFunctions.GetHealth), nameof(InvocationFunctions.GetServerVersion),
        nameof(ModelFunctions.ListModels), nameof(AuditFunctions.GetAudit), nameof(OperationFunctions.ListOperations),
        nameof(AlertFunctions.ListAlerts), nameof(ModelPages.ShowModels), nameof(RecordPages.ShowAudit),
        nameof(OperationPages.ShowOperations), nameof(RecordPages.ShowAlerts), nameof(RecordPages.SearchPredictions),
        nameof(DataPages.ShowDrop), nameof(EventFunctions.ListEvents),
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Returns the permissions that a function needs; null: nobody may call it.</summary>
    public static Permissions? Find(string function) => Rows.TryGetValue(function, out Permissions needed) ? needed : null;

    /// <summary>Whether <c>?model=</c> restricts a list to a single model.</summary>
    public static bool ListsByModel(string function) => ByModel.Contains(function);

    /// <summary>Whether the function itself checks that the caller's grants cover the model.</summary>
    public static bool ChecksModelItself(string function) => TrackingPermissions.Rows.ContainsKey(function);

    /// <summary>Whether a caller with grants for some models may call it without naming one, and then sees only these models.</summary>
    public static bool ListsVisible(string function) => Visible.Contains(function);

    public static IEnumerable<string> Functions => Rows.Keys;
}
