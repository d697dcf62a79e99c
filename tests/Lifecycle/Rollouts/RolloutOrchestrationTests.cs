using System.Text.Json;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Functions.Lifecycle.Rollouts;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Manifests;
using Modeldrop.Names;

namespace Modeldrop.Tests.Lifecycle.Rollouts;

/// <summary>The sequence of a rollout, in memory: the test answers activities, and timers fire when nothing else is pending.</summary>
public sealed partial class RolloutOrchestrationTests
{
    private const string Finish = nameof(RolloutActivities.FinishRollout);
    private const string End = nameof(RolloutActivities.EndRollout);
    private const string Evaluate = nameof(RolloutActivities.EvaluateGate);

    private static readonly RolloutRequest Request = new(
        OperationId.Parse("flights~promote~1"), ModelName.Parse("flights"), 2, "ann", null, null);

    private readonly List<string> _calls = [];
    private readonly Queue<GateVerdict> _verdicts = new();
    private readonly Dictionary<int, RolloutSignal> _signals = [];
    private readonly Dictionary<string, RolloutSignal> _whileRunning = [];
    private RolloutPlan _plan = new(true, "Version 2 replaces version 1.", [5, 25, 100], 10, false, 72, 24, new GatePolicy());
    private FinishRolloutResult _finish = new(true, new MoveResult(1, 2, true));
    private OperationProgress? _progress;
    private int _timers;
    private readonly List<DateTime> _since = [];
    private TimeSpan _putBack;
    private DateTimeOffset _ended;

    [Fact]
    public void Run_GatesPass_ShiftsStepByStepAndFinishes()
    {
        RolloutResult result = Run();

        Assert.Equal((OperationOutcome.Done, true), (result.Outcome, result.Promoted));
        Assert.Equal(["Shift 5", .. Looks(5), "Shift 25", .. Looks(5), Finish], _calls.Skip(1));
        Assert.Equal(ReplayHost.Start.AddMinutes(20), _ended);
        Assert.Null(_progress!.Rollout);
        Assert.Equal(["deciding", "step", "passed", "step", "passed", "champion"], _progress.Steps.Select(step => step.Name));
    }

    /// <summary>Each step waits its ten minutes, even if the clock jumps.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Run_ClockJumpsDuringAStep_WaitsTheSameTime(int hours)
    {
        _putBack = TimeSpan.FromHours(hours);

        Assert.Equal(OperationOutcome.Done, Run().Outcome);

        Assert.Equal(["Shift 5", .. Looks(5), "Shift 25", .. Looks(5), Finish], _calls.Skip(1));
        Assert.Equal(ReplayHost.Start.AddMinutes(20) - _putBack, _ended);

        // The gate's window begins before the records that the clock has backdated.
        DateTime earliest = hours > 0 ? ReplayHost.Start.AddMinutes(2).AddHours(-1).UtcDateTime : ReplayHost.Start.UtcDateTime;
        Assert.All(_since, since => Assert.InRange(since, earliest, ReplayHost.Start.UtcDateTime));
        Assert.Equal(earliest, _since[^1]);
    }

    [Fact]
    public void Run_PolicyThatDoesNotPromote_ChangesNothing()
    {
        _plan = _plan with { Promote = false, Explanation = "It waits." };

        Assert.Equal(new RolloutResult(OperationOutcome.Done, false, "It waits."), Run());
        Assert.Equal([nameof(RolloutActivities.PlanRollout)], _calls);
    }

    [Fact]
    public void Run_OneStep_MovesTheChampionAtOnce()
    {
        _plan = _plan with { Steps = [100] };

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal([Finish], _calls.Skip(1));
        Assert.Equal(0, _timers);
    }

    [Fact]
    public void Run_BreachDuringTheBakeTime_EndsAtOnceWithTheReason()
    {
        _verdicts.Enqueue(GateVerdict.Passed);
        _verdicts.Enqueue(GateVerdict.Breached);

        RolloutResult result = Run();

        Assert.Equal(
            (OperationOutcome.RolledBack, false, "At 5 % of the traffic: Breached."),
            (result.Outcome, result.Promoted, result.Explanation));
        Assert.Equal(["Shift 5", Evaluate, Evaluate, End], _calls.Skip(1));
        Assert.Equal(ReplayHost.Start.AddMinutes(4), _ended);
    }

    [Fact]
    public void Run_TooFewRequests_WaitsAndThenContinues()
    {
        for (int look = 0; look < 7; look++)
        {
            _verdicts.Enqueue(GateVerdict.Undecided);
        }

        RolloutResult result = Run();

        Assert.Equal(OperationOutcome.Done, result.Outcome);
        Assert.Equal(["Shift 5", .. Looks(8), "Shift 25", .. Looks(5), Finish], _calls.Skip(1));
    }

    [Theory]
    [InlineData(WhenUndecided.RollBack, OperationOutcome.RolledBack)]
    [InlineData(WhenUndecided.Promote, OperationOutcome.Done)]
    public void Run_NeverEnoughRequests_EndsByPolicyAndReportsIt(WhenUndecided policy, OperationOutcome expected)
    {
        _plan = _plan with { Gate = new GatePolicy { WhenUndecided = policy, MaxWaitMinutes = 60 }, Steps = [50, 100] };
        for (int look = 0; look < 100; look++)
        {
            _verdicts.Enqueue(GateVerdict.Undecided);
        }

        RolloutResult result = Run();

        Assert.Equal(expected, result.Outcome);
        Assert.Equal(ReplayHost.Start.AddMinutes(70), _ended);
        Assert.InRange(_calls.Count(call => call == Evaluate), 6, 30);
        Assert.Contains(
            policy == WhenUndecided.RollBack ? "no verdict after 70 minutes" : "replaces version", result.Explanation,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GateVerdict.Ended)]
    public void Run_SplitEndedByAnother_StopsAndChangesNothing(GateVerdict verdict)
    {
        _verdicts.Enqueue(verdict);

        Assert.Equal(OperationOutcome.Cancelled, Run().Outcome);
        Assert.Equal(["Shift 5", Evaluate], _calls.Skip(1));
    }

    [Fact]
    public void Run_SplitEndedBeforeTheLastMove_IsNotPromoted()
    {
        _finish = new FinishRolloutResult(false, null);

        Assert.Equal((OperationOutcome.Cancelled, false), (Run().Outcome, Run().Promoted));
    }

    [Fact]
    public void CustomStatus_OfManySteps_StaysWithinItsLimit()
    {
        _plan = _plan with { Steps = [.. Enumerable.Range(1, 19), 100] };

        Run();

        Assert.InRange(JsonSerializer.Serialize(_progress).Length * 2, 1, 16 * 1024);
    }

    private static IEnumerable<string> Looks(int count) => Enumerable.Repeat(Evaluate, count);

    private RolloutResult Run()
    {
        _calls.Clear();
        _timers = 0;
        ReplayHost host = new ReplayHost(async context =>
            await new RolloutRun(context, new ProgressReporter(context), Request).RunAsync()).Turn();
        while (host.End is null)
        {
            if (host.Activities.SingleOrDefault() is { } activity)
            {
                object? answer = AnswerOf(activity.Name!, activity.Input);
                if (_whileRunning.Remove(activity.Name!, out RolloutSignal? early))
                {
                    host.Raise(RolloutSignal.EventName, early);
                }

                host.Complete(answer);
            }
            else if (_signals.GetValueOrDefault(++_timers) is { } signal)
            {
                host.Now += TimeSpan.FromSeconds(1);
                host.Raise(RolloutSignal.EventName, signal);
            }
            else
            {
                host.FireTimer(_timers == 1 ? _putBack : TimeSpan.Zero);
            }
        }

        _progress = JsonSerializer.Deserialize<OperationProgress>(host.CustomStatus!);
        _ended = host.Now;
        return host.Output<RolloutResult>();
    }

    private object? AnswerOf(string name, string? input)
    {
        if (name == Evaluate)
        {
            _since.Add(ReplayHost.InputOf<GateInput>(input).Since);
        }

        _calls.Add(name == nameof(RolloutActivities.ShiftTraffic) ? $"Shift {ReplayHost.InputOf<ShiftInput>(input).Percent}" : name);
        return name switch
        {
            nameof(RolloutActivities.PlanRollout) => _plan,
            Evaluate => Report(_verdicts.TryDequeue(out GateVerdict verdict) ? verdict : GateVerdict.Passed),
            Finish => _finish,
            _ => null,
        };
    }

    private static GateReport Report(GateVerdict verdict) => new(verdict, $"{verdict}.", 1_000, 100, []);
}
