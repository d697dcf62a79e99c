using System.Text.Json.Serialization;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Rollouts;

// Running instances store the payloads of the rollout.

/// <summary>A person's values that replace those of the version's manifest; null keeps the manifest's.</summary>
public sealed record RolloutOverrides(IReadOnlyList<int>? Steps = null, double? BakeMinutes = null, bool? Approval = null);

/// <summary>A version to make champion.</summary>
/// <param name="Operation">The operation that it is part of. Every effect is stored under it.</param>
/// <param name="Overrides">Null: its manifest decides, also on whether it is promoted at all.</param>
public sealed record RolloutRequest(
    OperationId Operation, ModelName Model, int Version, Identity Actor, string? Reason, RolloutOverrides? Overrides)
{
    [JsonIgnore]
    public VersionName Name => new(Model, Version);
}

/// <summary>The plan of a rollout, decided once at its start.</summary>
/// <param name="Promote">False: the policy does not promote the version.</param>
/// <param name="Explanation">The decision in words.</param>
/// <param name="Steps">Percent of the traffic; 100 moves the champion alias. A first champion, or a rollout without steps, has only that
/// step.</param>
/// <param name="Finished">The result of a rollout without approval and steps, which the plan carries out at once. Null: the rollout is
/// still to be done.</param>
/// <param name="FourEyes">Those who may not approve, because they have dropped or promoted the version; null: anybody with the role
/// may.</param>
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
/// <param name="Looks">Maximum number of looks in the rollout.</param>
public sealed record GateInput(RolloutRequest Rollout, GatePolicy Gate, DateTime Since, int Looks);

/// <param name="By">The person or component that ends it.</param>
/// <param name="Reason">The reason for the audit trail.</param>
public sealed record EndRolloutInput(RolloutRequest Rollout, Identity By, string Reason);

/// <param name="By">The approver; null if no approval was required.</param>
/// <param name="WithSplit">Whether the rollout has traffic. It must still have it; otherwise somebody has ended the rollout.</param>
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

    /// <summary>A newer drop replaces it.</summary>
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

/// <summary>A promotion requested by a person.</summary>
public sealed record PromoteInput(ModelName Model, int Version, Identity Actor, string? Reason, RolloutOverrides Overrides);

/// <param name="To">A version; null: the previous champion.</param>
public sealed record RollBackInput(ModelName Model, int? To, Identity Actor, string? Reason);

/// <param name="From">The previous champion; null if there was none.</param>
/// <param name="Moved">False if the alias already pointed there.</param>
public sealed record MoveResult(int? From, int To, bool Moved);

public sealed record RollBackVersionInput(OperationId Operation, RollBackInput RollBack);
