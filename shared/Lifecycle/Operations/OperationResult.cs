using System.Text.Json.Serialization;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Operations;

public enum OperationOutcome
{
    /// <summary>The request has been carried out.</summary>
    Done,

    /// <summary>Nothing needed to be done: the same bytes are already a version, or the alias already points there.</summary>
    Unchanged,

    /// <summary>The drop cannot become a version, or the version did not pass its validation.</summary>
    Rejected,

    /// <summary>A newer drop replaced this one before it was read.</summary>
    Superseded,

    /// <summary>The rollout's gate found a bound breached, or too few data to decide. The champion is unchanged.</summary>
    RolledBack,

    /// <summary>A person ended it. The champion is unchanged, or is the version that this person chose.</summary>
    Cancelled,

    /// <summary>The approval was refused or did not arrive in time.</summary>
    Declined,
}

/// <summary>How an operation ended: its orchestration's output.</summary>
/// <param name="Version">The version that it created or moved; null if there is none.</param>
/// <param name="Reasons">Reasons in words; empty when all went well. An operation that is done may have reasons too: what the version
/// lacks.</param>
public sealed record OperationResult(OperationOutcome Outcome, int? Version, IReadOnlyList<string> Reasons)
{
    /// <summary>The files taken by a registration, see <see cref="StagedDrop.Taken"/>. Null if no files were taken.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Taken { get; init; }

    public static OperationResult Rejected(int? version, IReadOnlyList<string> reasons) => new(OperationOutcome.Rejected, version, reasons);
}
