using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Manifests;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Rollouts;

/// <summary>
/// Makes a validated version champion: approval, a growing share of the traffic, a gate at each step. Runs within a workflow that has its
/// turn.
/// </summary>
/// <remarks>
/// Only the sequence: the decisions are pure code in <c>shared/Lifecycle/Rollouts</c>. A step looks a few dozen times at most
/// (<see cref="RolloutSchedule"/>), so the history stays bounded however long it takes.
/// </remarks>
internal sealed class RolloutRun(TaskOrchestrationContext context, ProgressReporter progress, RolloutRequest request)
{
    private const int Whole = 100;
    private const int MaxReminders = 30;

    // One wait is always open, so that a signal that arrives during an activity is not lost.
    private Task<RolloutSignal> _signal = context.WaitForExternalEvent<RolloutSignal>(RolloutSignal.EventName);
    private Identity? _approvedBy;

    // The earliest time of the clock: after the clock was set back, the rollout's own records must not lie before its start.
    private DateTime _since;

    public async Task<RolloutResult> RunAsync()
    {
        progress.Begin("deciding", $"version {request.Version}");
        Show(RolloutProgress.Deciding, plan: null, 0, context.CurrentUtcDateTime);
        RolloutPlan plan = await context.CallActivityAsync<RolloutPlan>(
            nameof(RolloutActivities.PlanRollout), request, ActivityOptions.Default);
        RolloutResult result = !plan.Promote
            ? new RolloutResult(OperationOutcome.Done, Promoted: false, plan.Explanation)
            : plan.Finished is { } finished ? Finished(plan, finished)
            : (plan.Approval ? await AskAsync(plan) : null) ?? await RollOutAsync(plan);
        progress.Show(rollout: null);
        progress.Begin(result.Promoted ? "champion" : plan.Promote ? "ended" : "waiting", result.Explanation);
        return result;
    }

    /// <returns>Null: approved.</returns>
    private async Task<RolloutResult?> AskAsync(RolloutPlan plan)
    {
        DateTime until = context.CurrentUtcDateTime.AddHours(plan.ApprovalHours);
        TimeSpan interval = TimeSpan.FromHours(Math.Max(plan.ReminderHours, plan.ApprovalHours / MaxReminders));
        progress.Begin(RolloutProgress.WaitingForApproval, $"version {request.Version}, until {until:u}");
        for (int reminder = 1; context.CurrentUtcDateTime < until; reminder++)
        {
            Show(RolloutProgress.WaitingForApproval, plan, 0, until);
            DateTime next = context.CurrentUtcDateTime + interval;
            switch (await WaitAsync(next < until ? next : until, forApproval: true))
            {
                case { Kind: RolloutSignalKind.Approve } approval
                    when plan.FourEyes is { } involved && FourEyes.Refuse(approval.By, involved) is { } refusal:
                    progress.Begin(RolloutProgress.WaitingForApproval, refusal);
                    break;
                case { Kind: RolloutSignalKind.Approve } approval:
                    _approvedBy = approval.By;
                    progress.Begin("approved", Words(approval));
                    Show(RolloutProgress.Deciding, plan, 0, context.CurrentUtcDateTime);
                    return null;
                case { Kind: RolloutSignalKind.Reject } refusal:
                    return new RolloutResult(
                        OperationOutcome.Declined, false, $"Version {request.Version} was not approved: {Words(refusal)}");
                case { Kind: RolloutSignalKind.Supersede } newer:
                    return new RolloutResult(OperationOutcome.Superseded, false, Words(newer));
                case { Kind: RolloutSignalKind.Cancel } cancel:
                    return new RolloutResult(OperationOutcome.Cancelled, false, $"Cancelled by {Words(cancel)}");
                case null when context.CurrentUtcDateTime < until:
                    var input = new ReminderInput(request, reminder, until);
                    await context.CallActivityAsync(nameof(RolloutActivities.RemindOfApproval), input, ActivityOptions.Default);
                    break;
                default:
                    // The time is up, or the present champion was rolled back, which changes nothing for a version that only waits.
                    break;
            }
        }

        return new RolloutResult(
            OperationOutcome.Declined, false, $"Nobody approved version {request.Version} within {plan.ApprovalHours:0.##} hours.");
    }

    private async Task<RolloutResult> RollOutAsync(RolloutPlan plan)
    {
        int[] shares = [.. plan.Steps.Where(step => step < Whole)];
        var schedule = RolloutSchedule.Of(TimeSpan.FromMinutes(plan.BakeMinutes), TimeSpan.FromMinutes(plan.Gate.MaxWaitMinutes));
        _since = context.CurrentUtcDateTime;
        foreach (int percent in shares)
        {
            if (await TakeSignalAsync(forApproval: false) is { } signal)
            {
                return await EndAsync(signal);
            }

            progress.Begin("step", $"{percent} % of the traffic goes to version {request.Version}");
            Show(RolloutProgress.Baking, plan, percent, context.CurrentUtcDateTime);
            var shift = new ShiftInput(request, percent);
            await context.CallActivityAsync(nameof(RolloutActivities.ShiftTraffic), shift, ActivityOptions.Default);
            if (await BakeAsync(plan, percent, schedule, looks: shares.Length * schedule.Looks.Count) is { } end)
            {
                return end;
            }
        }

        // A newer drop ends this version's share, but not its promotion as the first champion or in a single move.
        if (await TakeSignalAsync(forApproval: false) is { } last && (shares.Length > 0 || last.Kind != RolloutSignalKind.Supersede))
        {
            return await EndAsync(last);
        }

        Show(RolloutProgress.Deciding, plan, Whole, context.CurrentUtcDateTime);
        var finish = new FinishRolloutInput(request, _approvedBy, WithSplit: shares.Length > 0);
        FinishRolloutResult result = await context.CallActivityAsync<FinishRolloutResult>(
            nameof(RolloutActivities.FinishRollout), finish, ActivityOptions.Default);
        return Finished(plan, result);
    }

    private RolloutResult Finished(RolloutPlan plan, FinishRolloutResult result) =>
        !result.Finished ? EndedByOthers()
        : result.Move!.Moved ? new RolloutResult(OperationOutcome.Done, true, plan.Explanation)
        : new RolloutResult(OperationOutcome.Unchanged, true, $"Version {request.Version} was already champion.");

    /// <returns>Null: the step has passed.</returns>
    private async Task<RolloutResult?> BakeAsync(RolloutPlan plan, int percent, RolloutSchedule schedule, int looks)
    {
        GateReport? report = null;
        for (int look = 0; look < schedule.Looks.Count; look++)
        {
            // Counted from the previous look, not from the step's start: a clock change shifts one look, not all.
            DateTime at = context.CurrentUtcDateTime + schedule.PauseBefore(look);
            string state = look <= schedule.FirstToPass ? RolloutProgress.Baking : RolloutProgress.WaitingForTraffic;
            Show(state, plan, percent, at, report);
            if (await WaitAsync(at, forApproval: false) is { } signal)
            {
                return await EndAsync(signal);
            }

            _since = context.CurrentUtcDateTime < _since ? context.CurrentUtcDateTime : _since;
            var gate = new GateInput(request, plan.Gate, _since, looks);
            report = await context.CallActivityAsync<GateReport>(nameof(RolloutActivities.EvaluateGate), gate, ActivityOptions.Default);
            switch (report.Verdict)
            {
                case GateVerdict.Ended:
                    return EndedByOthers();
                case GateVerdict.Breached:
                    return await EndAsync(
                        OperationOutcome.RolledBack, Actor.System.Name, $"At {percent} % of the traffic: {report.Explanation}");
                case GateVerdict.Passed when look >= schedule.FirstToPass:
                    progress.Begin("passed", $"{percent} %: {report.Explanation}");
                    return null;
                default:
                    break;
            }
        }

        string undecided =
            $"The gate at {percent} % of the traffic has no verdict after {plan.BakeMinutes + plan.Gate.MaxWaitMinutes:0.##} minutes. "
                + $"{report!.Explanation}";
        if (plan.Gate.WhenUndecided == WhenUndecided.Promote)
        {
            progress.Begin("passed", $"{undecided} The policy continues nevertheless.");
            return null;
        }

        return await EndAsync(OperationOutcome.RolledBack, Actor.System.Name, undecided);
    }

    private Task<RolloutResult> EndAsync(RolloutSignal signal) => signal.Kind == RolloutSignalKind.Supersede
        ? EndAsync(OperationOutcome.Superseded, signal.By, signal.Reason ?? "A new drop has replaced it.")
        : EndAsync(OperationOutcome.Cancelled, signal.By, signal.Reason ?? DefaultReason(signal.Kind));

    private static string DefaultReason(RolloutSignalKind kind) =>
        kind == RolloutSignalKind.RollBack ? "The champion was rolled back." : "Cancelled.";

    private async Task<RolloutResult> EndAsync(OperationOutcome outcome, Identity by, string reason)
    {
        var end = new EndRolloutInput(request, by, reason);
        await context.CallActivityAsync(nameof(RolloutActivities.EndRollout), end, ActivityOptions.Default);
        return new RolloutResult(outcome, false, outcome == OperationOutcome.Cancelled ? $"{by}: {reason}" : reason);
    }

    /// <returns>The signal that ends or approves the rollout; null: none arrived in time.</returns>
    private async Task<RolloutSignal?> WaitAsync(DateTime until, bool forApproval)
    {
        do
        {
            if (await TakeSignalAsync(forApproval) is { } signal)
            {
                return signal;
            }
        }
        while (await context.CompletesByAsync(_signal, until));
        return null;
    }

    /// <returns>The next signal that has arrived; null: none.</returns>
    private async Task<RolloutSignal?> TakeSignalAsync(bool forApproval)
    {
        while (_signal.IsCompleted)
        {
            RolloutSignal signal = await _signal;
            _signal = context.WaitForExternalEvent<RolloutSignal>(RolloutSignal.EventName);

            // A second 'approve' means nothing to a running rollout.
            if (forApproval || signal.Kind is not (RolloutSignalKind.Approve or RolloutSignalKind.Reject))
            {
                return signal;
            }
        }

        return null;
    }

    private void Show(string state, RolloutPlan? plan, int percent, DateTime nextLookAt, GateReport? gate = null) =>
        progress.Show(new RolloutProgress(state, request.Version, plan?.Steps ?? [], percent, nextLookAt, gate, plan?.FourEyes));

    private RolloutResult EndedByOthers() => new(
        OperationOutcome.Cancelled, false,
        $"The champion was moved, or the traffic of version {request.Version} was taken back, during the rollout.");

    private static string Words(RolloutSignal signal) =>
        signal.Reason is { Length: > 0 } reason ? $"{signal.By}: {reason}" : signal.By.Name;
}
