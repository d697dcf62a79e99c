using Microsoft.Extensions.Logging;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Whether monitoring may roll a champion back.</summary>
public sealed partial class ChampionRollBack(RegistryService registry, ILogger<ChampionRollBack> logger)
{
    /// <summary>Who rolls back in the audit trail.</summary>
    public const string Actor = "monitoring";

    /// <summary>Rolls the champion back, unless something speaks against it. Once for each window, however often it is asked.</summary>
    /// <returns>Whether the roll back was started, now or before.</returns>
    /// <remarks>
    /// Only while the version is champion, and only one step: what monitoring itself has made champion it leaves alone, or drift in the
    /// traffic, which all versions see, would walk back through all of them.
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
            Log.Stays(logger, version.Model, version.Number, hasNowhere ? "there was no champion before it that may serve"
                : "it was made champion by monitoring already");
            return false;
        }

        await operations.StartAsync(
            OperationId.ForReport(version, from, to), new RollBackInput(version.Model, null, Actor, reason), cancellationToken);
        return true;
    }

    private static partial class Log
    {
        [
            LoggerMessage(
                7030, LogLevel.Warning,
                "The manifest of version {Version} of {Model} asks for a roll back now, but {Reason}; it stays champion")]
        public static partial void Stays(ILogger logger, ModelName model, int version, string reason);
    }
}
