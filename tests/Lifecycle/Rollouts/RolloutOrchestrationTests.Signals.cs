using Modeldrop.Functions.Lifecycle.Rollouts;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Lifecycle.Rollouts;

// Approvals, and signals from people and other drops during a rollout.
public sealed partial class RolloutOrchestrationTests
{
    [Theory]
    [InlineData(RolloutSignalKind.Cancel, OperationOutcome.Cancelled)]
    [InlineData(RolloutSignalKind.Supersede, OperationOutcome.Superseded)]
    [InlineData(RolloutSignalKind.RollBack, OperationOutcome.Cancelled)]
    public void Run_SignalDuringTheBakeTime_ReturnsTheTraffic(RolloutSignalKind kind, OperationOutcome expected)
    {
        _signals[2] = new RolloutSignal(kind, "ben", "not today");

        RolloutResult result = Run();

        Assert.Equal(expected, result.Outcome);
        Assert.EndsWith("not today", result.Explanation, StringComparison.Ordinal);
        Assert.Equal(["Shift 5", Evaluate, End], _calls.Skip(1));
    }

    [Fact]
    public void Run_UnrequestedApproval_IsIgnored()
    {
        _signals[2] = new RolloutSignal(RolloutSignalKind.Approve, "ben", null);

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
    }

    [Fact]
    public void Run_Approved_Continues()
    {
        _plan = _plan with { Approval = true, Steps = [100] };
        _signals[2] = new RolloutSignal(RolloutSignalKind.Approve, "Ben", "looks good");

        RolloutResult result = Run();

        Assert.Equal(OperationOutcome.Done, result.Outcome);
        Assert.Equal(["waiting for approval", "approved", "champion"], _progress!.Steps.Skip(1).Select(step => step.Name));
        Assert.Equal("Ben: looks good", _progress.Steps[2].Detail);
        Assert.Equal([nameof(RolloutActivities.RemindOfApproval), Finish], _calls.Skip(1));
    }

    [Theory]
    [InlineData("Ann", "key", "key 2", OperationOutcome.Declined)]
    [InlineData("Cid", "key", "session of key 1", OperationOutcome.Declined)]
    [InlineData("Ben", null, null, OperationOutcome.Declined)]
    [InlineData("Ben", "local", "this machine", OperationOutcome.Declined)]
    [InlineData("Ben", "key", "key 2", OperationOutcome.Done)]
    public void Run_FourEyes_WaitsForAnotherPerson(string name, string? kind, string? known, OperationOutcome expected)
    {
        _plan = _plan with { Approval = true, FourEyes = [new Identity("ann", "key", "key 1")], Steps = [100] };
        _signals[2] = new RolloutSignal(RolloutSignalKind.Approve, new Identity(name, kind, known), null);

        Assert.Equal(expected, Run().Outcome);
    }

    [Theory]
    [InlineData(RolloutSignalKind.Reject, OperationOutcome.Declined)]
    [InlineData(RolloutSignalKind.Cancel, OperationOutcome.Cancelled)]
    [InlineData(RolloutSignalKind.Supersede, OperationOutcome.Superseded)]
    public void Run_NotApproved_EndsWithoutTraffic(RolloutSignalKind kind, OperationOutcome expected)
    {
        _plan = _plan with { Approval = true };
        _signals[1] = new RolloutSignal(kind, "Ben", "no");

        Assert.Equal(expected, Run().Outcome);
        Assert.Equal([nameof(RolloutActivities.PlanRollout)], _calls);
    }

    [Fact]
    public void Run_NobodyApproves_RemindsAndEndsInTime()
    {
        _plan = _plan with { Approval = true };

        RolloutResult result = Run();

        Assert.Equal((OperationOutcome.Declined, "Nobody approved version 2 within 72 hours."), (result.Outcome, result.Explanation));
        Assert.Equal(Enumerable.Repeat(nameof(RolloutActivities.RemindOfApproval), 2), _calls.Skip(1));
        Assert.Equal(ReplayHost.Start.AddHours(72), _ended);
    }

    /// <summary>A person's signal is not lost, whatever activity is running.</summary>
    [Theory]
    [InlineData(nameof(RolloutActivities.PlanRollout), RolloutSignalKind.Cancel, 1)]
    [InlineData(nameof(RolloutActivities.ShiftTraffic), RolloutSignalKind.Cancel, 2)]
    [InlineData(nameof(RolloutActivities.EvaluateGate), RolloutSignalKind.Cancel, 3)]
    [InlineData(nameof(RolloutActivities.EvaluateGate), RolloutSignalKind.RollBack, 3)]
    [InlineData(nameof(RolloutActivities.EvaluateGate), RolloutSignalKind.Supersede, 3)]
    public void Run_SignalWhileAnActivityRuns_IsNotLost(string activity, RolloutSignalKind kind, int callsBefore)
    {
        _whileRunning[activity] = new RolloutSignal(kind, "ben", "not today");

        RolloutResult result = Run();

        Assert.Equal((kind == RolloutSignalKind.Supersede ? OperationOutcome.Superseded : OperationOutcome.Cancelled, false),
            (result.Outcome, result.Promoted));
        Assert.Equal(End, _calls[^1]);
        Assert.Equal(callsBefore + 1, _calls.Count);
    }

    [Theory]
    [InlineData(RolloutSignalKind.Approve, OperationOutcome.Done)]
    [InlineData(RolloutSignalKind.Reject, OperationOutcome.Declined)]
    public void Run_AnswerWhileTheReminderRuns_IsNotLost(RolloutSignalKind kind, OperationOutcome expected)
    {
        _plan = _plan with { Approval = true, Steps = [100] };
        _whileRunning[nameof(RolloutActivities.RemindOfApproval)] = new RolloutSignal(kind, "ben", null);

        Assert.Equal(expected, Run().Outcome);
        Assert.Single(_calls, nameof(RolloutActivities.RemindOfApproval));
    }

    [Theory]
    [InlineData(RolloutSignalKind.Cancel, OperationOutcome.Cancelled)]
    [InlineData(RolloutSignalKind.Supersede, OperationOutcome.Done)]
    public void Run_SignalBeforeTheOnlyStep_CancelEndsItAndSupersedeDoesNot(RolloutSignalKind kind, OperationOutcome expected)
    {
        _plan = _plan with { Steps = [100] };
        _whileRunning[nameof(RolloutActivities.PlanRollout)] = new RolloutSignal(kind, "ben", null);

        Assert.Equal(expected, Run().Outcome);
    }
}
