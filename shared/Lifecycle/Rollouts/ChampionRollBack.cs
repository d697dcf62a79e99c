using Microsoft.Extensions.Logging;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Decides whether monitoring may roll a champion back, and starts it.</summary>
public sealed partial class ChampionRollBack(RegistryService registry, ILogger<ChampionRollBack> logger)
{
    /// <summary>The actor of these roll backs in the audit trail.</summary>
    public const string Actor = "monitoring";

    /// <summary>
    /// Rolls the champion back, unless there is a reason against it. Runs once for each window, however often it is called.
    /// </summary>
    /// <returns>Whether the roll back was started, now or earlier.</returns>
    /// <remarks>
    /// It acts only while the version is champion, and goes back only one step: monitoring never rolls back a version that it has made
    /// champion itself. Otherwise drift in the traffic, which affects all versions, would roll back through all of them.
    /// </remarks>
    public async Task<bool> StartAsync(
        VersionName version, DateTimeOffset from, DateTimeOffset to, string reason, IOperations operations,
        CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(version.Model, cancellationToken);
        if (head.Archived || head.FindAlias(AliasName.Champion)?.Number != version.Number)
        {
            return false;
        }

        IReadOnlyList<AliasChange> history = await registry.AliasHistoryAsync(version.Model, AliasName.Champion, cancellationToken);
        bool hasNowhere = head.Former is not [.., var last] || head.FindVersion(last) is not { Refusal: null };
        if (hasNowhere || history is [.., { RolledBack: true, Actor.Name: Actor }])
        {
            Log.Stays(logger, version.Model, version.Number, hasNowhere ? "no earlier champion may serve"
                : "monitoring itself made it champion");
            return false;
        }

        await operations.StartAsync(
            OperationId.ForReport(version, from, to), new RollBackInput(version.Model, null, Actor, reason), cancellationToken);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(7030, LogLevel.Warning,
            "The manifest of version {Version} of {Model} asks for a roll back now, but {Reason}; it stays champion")]
        public static partial void Stays(ILogger logger, ModelName model, int version, string reason);
    }
}
