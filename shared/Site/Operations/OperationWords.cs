using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Pages;

namespace Modeldrop.Site.Operations;

/// <summary>The state of operations in words.</summary>
public static class OperationWords
{
    /// <summary>The kind: <c>registration</c>, <c>promotion</c>…</summary>
    public static string KindOf(Operation operation) => operation.Kind switch
    {
        "register" => "Registration",
        "promote" => "Promotion",
        "rollBack" => "Roll back",
        "shadow" => "Shadow",
        "batch" => "Batch",
        "push" => "Push",
        var other => other,
    };

    /// <summary>In a few words: the present step, or the outcome.</summary>
    public static string StateOf(Operation operation) => operation.Status switch
    {
        "completed" => OutcomeOf(operation.Outcome),
        "failed" => "failed",
        "terminated" => "ended by a person",
        "suspended" => "suspended",
        _ => operation.Rollout?.State ?? (operation.Steps is [.., { Name: var step }] ? step : "starting"),
    };

    /// <summary>The badge's CSS class.</summary>
    public static string StyleOf(Operation operation) => operation switch
    {
        { Status: "completed", Outcome: OperationOutcome.Done or OperationOutcome.Unchanged } => "validated",
        { Status: "completed", Outcome: OperationOutcome.Superseded or OperationOutcome.Cancelled } => "none",
        { HasEnded: true } => "rejected",
        { Rollout.State: RolloutProgress.WaitingForApproval } => "waiting",
        _ => "running",
    };

    /// <summary>A sentence that screen readers announce when it changes.</summary>
    public static string StatusOf(Operation operation) =>
        $"{KindOf(operation)} of {operation.Model}: {StateOf(operation)}."
        + (operation.Rollout is { Percent: > 0 } rollout ? $" {Figures.Count(rollout.Percent)} % of the traffic." : "");

    private static string OutcomeOf(OperationOutcome? outcome) => outcome switch
    {
        OperationOutcome.Done => "done",
        OperationOutcome.Unchanged => "nothing to do",
        OperationOutcome.Rejected => "refused",
        OperationOutcome.Superseded => "replaced by a newer drop",
        OperationOutcome.RolledBack => "rolled back by the gate",
        OperationOutcome.Cancelled => "cancelled",
        OperationOutcome.Declined => "not approved",
        _ => "completed",
    };
}
