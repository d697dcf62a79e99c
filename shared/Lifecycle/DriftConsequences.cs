using Microsoft.Extensions.Logging;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle;

/// <summary>What follows from a drift report by the manifest of the version: <c>monitoring.onDrift</c>.</summary>
public sealed partial class DriftConsequences(RegistryService registry, VersionStore versions, ILogger<DriftConsequences> logger)
{
    /// <summary>Who rolls back in the audit trail.</summary>
    public const string Actor = "monitoring";

    /// <summary>The roll back that follows from a report; null: none.</summary>
    /// <remarks>
    /// Only while the reported version is champion, and only one step: what monitoring itself has made champion it leaves alone, or drift in the traffic, which all
    /// versions see, would walk back through all of them.
    /// </remarks>
    public async Task<(string Operation, RollBackInput Input)?> DecideAsync(DriftReport report, CancellationToken cancellationToken)
    {
        ModelName model = ModelName.Parse(report.Model);
        ModelVersion version = await versions.GetAsync(model, report.Version, cancellationToken);
        if (!report.Alarm || version.Manifest.Monitoring.OnDrift != DriftAction.Rollback)
        {
            return null;
        }

        ModelHead head = await registry.GetAsync(model, cancellationToken);
        if (head.Archived || head.FindAlias(AliasName.Champion)?.Version != report.Version)
        {
            return null;
        }

        IReadOnlyList<AliasChange> history = await registry.AliasHistoryAsync(model, AliasName.Champion, cancellationToken);
        if (head.Former.IsEmpty || history is [.., { RolledBack: true, Actor.Name: Actor }])
        {
            Log.Stays(logger, model, report.Version, head.Former.IsEmpty ? "there was no champion before it" : "it was made champion by monitoring already");
            return null;
        }

        // The same report gives the same operation, however often it is looked at.
        string operation = OperationId.ForReport(model, report.Version, report.From, report.To).ToString();
        return (operation, new RollBackInput(model.Value, null, Actor, $"Drift from {report.From:u} to {report.To:u}: {report.Summary}"));
    }

    private static partial class Log
    {
        [LoggerMessage(7030, LogLevel.Warning, "Version {Version} of {Model} has drifted and its manifest asks for a roll back, but {Reason}; it stays champion")]
        public static partial void Stays(ILogger logger, ModelName model, int version, string reason);
    }
}
