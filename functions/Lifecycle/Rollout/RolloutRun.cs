using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Rollout;

/// <summary>One run of the rollout: sequence only, what it decides is pure code in <c>shared/Lifecycle/Rollouts</c>.</summary>
/// <remarks>A step looks a few dozen times at most (<see cref="RolloutSchedule"/>), so the history stays bounded however long it takes.</remarks>
internal sealed class RolloutRun(TaskOrchestrationContext context, RolloutRequest request)
{
    private const int Whole = 100;
    private const int MaxReminders = 30;

    private readonly ProgressReporter _progress = new(context);
    private string? _approvedBy;

    public async Task<RolloutResult> RunAsync()
    {
        _progress.Begin("deciding", $"version {request.Version}");
        RolloutPlan plan = await context.CallActivityAsync<RolloutPlan>(nameof(RolloutActivities.PlanRollout), request, ActivityOptions.Default);
        if (!plan.Promote)
        {
            _progress.Begin("waiting", plan.Explanation);
            return new RolloutResult(OperationOutcome.Done, Promoted: false, plan.Explanation);
        }

        RolloutResult result = (plan.Approval ? await AskAsync(plan) : null) ?? await RollOutAsync(plan);
        _progress.Begin(result.Promoted ? "champion" : "ended", result.Explanation);
        return result;
    }

    /// <returns>Null: approved.</returns>
    private async Task<RolloutResult?> AskAsync(RolloutPlan plan)
    {
        DateTime until = context.CurrentUtcDateTime.AddHours(plan.ApprovalHours);
        TimeSpan interval = TimeSpan.FromHours(Math.Max(plan.ReminderHours, plan.ApprovalHours / MaxReminders));
        _progress.Begin(RolloutProgress.WaitingForApproval, $"version {request.Version}, until {until:u}");
        for (int reminder = 1; context.CurrentUtcDateTime < until; reminder++)
        {
            _progress.Show(new RolloutProgress(RolloutProgress.WaitingForApproval, request.Version, plan.Steps, 0, until, Gate: null));
            DateTime next = context.CurrentUtcDateTime + interval;
            switch (await WaitAsync(next < until ? next : until, forApproval: true))
            {
                case { Kind: RolloutSignalKind.Approve } approval:
                    _approvedBy = approval.By;
                    _progress.Begin("approved", Words(approval));
                    return null;
                case { Kind: RolloutSignalKind.Reject } refusal:
                    return new RolloutResult(OperationOutcome.Declined, false, $"Version {request.Version} was not approved: {Words(refusal)}");
                case { Kind: RolloutSignalKind.Supersede } newer:
                    return new RolloutResult(OperationOutcome.Superseded, false, Words(newer));
                case { Kind: RolloutSignalKind.Cancel } cancel:
                    return new RolloutResult(OperationOutcome.Cancelled, false, $"Cancelled by {Words(cancel)}");
                case null when context.CurrentUtcDateTime < until:
                    await context.CallActivityAsync(nameof(RolloutActivities.RemindOfApproval), new ReminderInput(request, reminder, until), ActivityOptions.Default);
                    break;
                default:
                    // The time is over, or the present champion was rolled back, which changes nothing for a version that only waits.
                    break;
            }
        }

        return new RolloutResult(OperationOutcome.Declined, false, $"Nobody approved version {request.Version} within {plan.ApprovalHours:0.##} hours.");
    }

    private async Task<RolloutResult> RollOutAsync(RolloutPlan plan)
    {
        int[] shares = [.. plan.Steps.Where(step => step < Whole)];
        RolloutSchedule schedule = RolloutSchedule.Of(TimeSpan.FromMinutes(plan.BakeMinutes), TimeSpan.FromMinutes(plan.Gate.MaxWaitMinutes));
        DateTime began = context.CurrentUtcDateTime;
        foreach (int percent in shares)
        {
            _progress.Begin("step", $"{percent} % of the traffic goes to version {request.Version}");
            await context.CallActivityAsync(nameof(RolloutActivities.ShiftTraffic), new ShiftInput(request, percent), ActivityOptions.Default);
            var gate = new GateInput(request, plan.Gate, began, Looks: shares.Length * schedule.Looks.Count);
            if (await BakeAsync(plan, percent, schedule, gate) is { } end)
            {
                return end;
            }
        }

        var finish = new FinishRolloutInput(request, _approvedBy, WithSplit: shares.Length > 0);
        FinishRolloutResult result = await context.CallActivityAsync<FinishRolloutResult>(nameof(RolloutActivities.FinishRollout), finish, ActivityOptions.Default);
        return !result.Finished ? EndedByOthers()
            : result.Move!.Moved ? new RolloutResult(OperationOutcome.Done, true, plan.Explanation)
            : new RolloutResult(OperationOutcome.Unchanged, true, $"Version {request.Version} was champion already.");
    }

    /// <returns>Null: the step is passed.</returns>
    private async Task<RolloutResult?> BakeAsync(RolloutPlan plan, int percent, RolloutSchedule schedule, GateInput gate)
    {
        DateTime began = context.CurrentUtcDateTime;
        GateReport? report = null;
        for (int look = 0; look < schedule.Looks.Count; look++)
        {
            DateTime at = began + schedule.Looks[look];
            string state = look <= schedule.FirstToPass ? RolloutProgress.Baking : RolloutProgress.WaitingForTraffic;
            _progress.Show(new RolloutProgress(state, request.Version, plan.Steps, percent, at, report));
            if (await WaitAsync(at, forApproval: false) is { } signal)
            {
                return await EndAsync(signal);
            }

            report = await context.CallActivityAsync<GateReport>(nameof(RolloutActivities.EvaluateGate), gate, ActivityOptions.Default);
            switch (report.Verdict)
            {
                case GateVerdict.Ended:
                    return EndedByOthers();
                case GateVerdict.Breached:
                    return await EndAsync(OperationOutcome.RolledBack, Actor.System.Name, $"At {percent} % of the traffic: {report.Explanation}");
                case GateVerdict.Passed when look >= schedule.FirstToPass:
                    _progress.Begin("passed", $"{percent} %: {report.Explanation}");
                    return null;
                default:
                    break;
            }
        }

        string undecided = $"The gate at {percent} % of the traffic has no verdict after {plan.BakeMinutes + plan.Gate.MaxWaitMinutes:0.##} minutes. {report!.Explanation}";
        if (plan.Gate.WhenUndecided == WhenUndecided.Promote)
        {
            _progress.Begin("passed", $"{undecided} The policy goes on all the same.");
            return null;
        }

        return await EndAsync(OperationOutcome.RolledBack, Actor.System.Name, undecided);
    }

    private Task<RolloutResult> EndAsync(RolloutSignal signal) => signal.Kind == RolloutSignalKind.Supersede
        ? EndAsync(OperationOutcome.Superseded, signal.By, signal.Reason ?? "A new drop has taken its place.")
        : EndAsync(OperationOutcome.Cancelled, signal.By, signal.Reason ?? (signal.Kind == RolloutSignalKind.RollBack ? "The champion was rolled back." : "Cancelled."));

    private async Task<RolloutResult> EndAsync(OperationOutcome outcome, string by, string reason)
    {
        await context.CallActivityAsync(nameof(RolloutActivities.EndRollout), new EndRolloutInput(request, by, reason), ActivityOptions.Default);
        return new RolloutResult(outcome, false, outcome == OperationOutcome.Cancelled ? $"{by}: {reason}" : reason);
    }

    /// <returns>What ends the rollout, or approves it; null: nobody said anything until then.</returns>
    private async Task<RolloutSignal?> WaitAsync(DateTime until, bool forApproval)
    {
        while (context.CurrentUtcDateTime < until)
        {
            RolloutSignal signal;
            try
            {
                signal = await context.WaitForExternalEvent<RolloutSignal>(RolloutSignal.EventName, until - context.CurrentUtcDateTime);
            }
            catch (TaskCanceledException)
            {
                return null;
            }

            // A second click on 'approve' says nothing to a rollout that is under way.
            if (forApproval || signal.Kind is not (RolloutSignalKind.Approve or RolloutSignalKind.Reject))
            {
                return signal;
            }
        }

        return null;
    }

    private RolloutResult EndedByOthers() => new(
        OperationOutcome.Cancelled, false, $"The champion was moved, or the traffic of version {request.Version} was taken back, while the rollout was under way.");

    private static string Words(RolloutSignal signal) => signal.Reason is { Length: > 0 } reason ? $"{signal.By}: {reason}" : signal.By;
}
