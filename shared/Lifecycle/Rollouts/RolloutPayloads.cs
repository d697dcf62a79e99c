using System.Text.Json.Serialization;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Rollouts;

// Payloads of the rollout: running instances store them.

/// <summary>What a person asks for instead of what the version's manifest says; null leaves the manifest's.</summary>
public sealed record RolloutOverrides(IReadOnlyList<int>? Steps = null, double? BakeMinutes = null, bool? Approval = null);

/// <summary>A version that is to become champion.</summary>
/// <param name="Operation">The operation that it is part of; every effect is stored under it.</param>
/// <param name="Overrides">Null: its manifest decides, also whether it is promoted at all.</param>
public sealed record RolloutRequest(
    string Operation, ModelName Model, int Version, Identity Actor, string? Reason, RolloutOverrides? Overrides)
{
    [JsonIgnore]
    public VersionName Name => new(Model, Version);
}

/// <summary>How a rollout goes, decided once at its begin.</summary>
/// <param name="Promote">False: the policy leaves the version where it is.</param>
/// <param name="Explanation">In words for people.</param>
/// <param name="Steps">Percent of the traffic; 100 is the move of the champion. A first champion, or one without steps, has only
/// that.</param>
/// <param name="Finished">What became of one that has neither approval nor steps: it is done with the plan. Null: it is
/// still to be done.</param>
/// <param name="FourEyes">Who may not approve, as they have dropped or promoted the version; null: anybody with the role may.</param>
public sealed record RolloutPlan(
    bool Promote,
    string Explanation,
    IReadOnlyList<int> Steps,
    double BakeMinutes,
    bool Approval,
    double ApprovalHours,
    double ReminderHours,
    GatePolicy Gate,
    FinishRolloutResult? Finished = null,
    IReadOnlyList<Identity>? FourEyes = null)
{
    /// <summary>Whether nothing lies between the plan and the move.</summary>
    [JsonIgnore]
    public bool IsImmediate => Promote && !Approval && Steps.All(step => step >= 100);
}

public sealed record ShiftInput(RolloutRequest Rollout, int Percent);

/// <param name="Since">When the rollout's traffic began, UTC.</param>
/// <param name="Looks">How often the rollout looks at most.</param>
public sealed record GateInput(RolloutRequest Rollout, GatePolicy Gate, DateTime Since, int Looks);

/// <param name="By">Who or what ends it.</param>
/// <param name="Reason">For the audit trail.</param>
public sealed record EndRolloutInput(RolloutRequest Rollout, Identity By, string Reason);

/// <param name="By">Who approved; null where nobody was asked.</param>
/// <param name="WithSplit">Whether the rollout has traffic: it must still have it, or somebody has ended it.</param>
public sealed record FinishRolloutInput(RolloutRequest Rollout, Identity? By, bool WithSplit);

/// <param name="Finished">False: somebody else has ended the rollout.</param>
public sealed record FinishRolloutResult(bool Finished, MoveResult? Move);

/// <param name="Reminder">Counted from 1.</param>
public sealed record ReminderInput(RolloutRequest Rollout, int Reminder, DateTime Until);

public enum RolloutSignalKind
{
    Approve,
    Reject,
    Cancel,

    /// <summary>A newer drop takes its place.</summary>
    Supersede,

    /// <summary>The champion was rolled back.</summary>
    RollBack,
}

/// <summary>The event <c>rollout</c>, which a person or another operation sends to an operation that rolls out.</summary>
public sealed record RolloutSignal(RolloutSignalKind Kind, Identity By, string? Reason)
{
    public const string EventName = "rollout";
}

/// <summary>How a rollout ended.</summary>
/// <param name="Promoted">Whether the version is champion.</param>
public sealed record RolloutResult(OperationOutcome Outcome, bool Promoted, string Explanation);

/// <summary>A promotion that a person asked for.</summary>
public sealed record PromoteInput(ModelName Model, int Version, Identity Actor, string? Reason, RolloutOverrides Overrides);

/// <param name="To">A version; null: what was champion before.</param>
public sealed record RollBackInput(ModelName Model, int? To, Identity Actor, string? Reason);

/// <param name="From">The champion before; null when there was none.</param>
/// <param name="Moved">False when the alias pointed there already.</param>
public sealed record MoveResult(int? From, int To, bool Moved);

public sealed record RollBackVersionInput(string Operation, RollBackInput RollBack);
