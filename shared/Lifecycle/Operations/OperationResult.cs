using System.Text.Json.Serialization;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Operations;

public enum OperationOutcome
{
    /// <summary>What was asked for is done.</summary>
    Done,

    /// <summary>Nothing was to be done: the same bytes are a version already, or the alias points there already.</summary>
    Unchanged,

    /// <summary>The drop cannot become a version, or the version did not pass its validation.</summary>
    Rejected,

    /// <summary>Another drop took this one's place before it was read.</summary>
    Superseded,

    /// <summary>The rollout's gate found a bound breached, or nothing to decide by: the champion is as it was.</summary>
    RolledBack,

    /// <summary>Somebody ended it; the champion is as it was, or where that person wanted it.</summary>
    Cancelled,

    /// <summary>The approval was refused or did not come in time.</summary>
    Declined,
}

/// <summary>How an operation ended: its orchestration's output.</summary>
/// <param name="Version">The version that it made or moved; null when there is none.</param>
/// <param name="Reasons">In words for people; empty when all went well. Something done may have some too: what it goes without.</param>
public sealed record OperationResult(OperationOutcome Outcome, int? Version, IReadOnlyList<string> Reasons)
{
    /// <summary>Of a registration: see <see cref="StagedDrop.Taken"/>. Null where nothing was taken.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Taken { get; init; }

    public static OperationResult Rejected(int? version, IReadOnlyList<string> reasons) => new(OperationOutcome.Rejected, version, reasons);
}
