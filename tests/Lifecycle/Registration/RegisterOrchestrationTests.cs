using System.Text.Json;
using DurableTask.Core;
using DurableTask.Core.History;
using Modeldrop.Functions.Lifecycle.Registration;
using Modeldrop.Functions.Lifecycle.Rollouts;
using Modeldrop.Functions.Lifecycle.Validation;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Lifecycle.Registration;

/// <summary>The sequence of a registration, in memory: the test answers every step.</summary>
public sealed partial class RegisterOrchestrationTests
{
    private const string Validation = nameof(ValidateActivities.RunValidation);
    private const string Finish = nameof(RegisterActivities.FinishDrop);
    private const string Register = nameof(RegisterActivities.RegisterVersion);
    private const string Conclude = nameof(RegisterActivities.ConcludeLate);
    private const string Stage = nameof(RegisterActivities.StageDrop);

    private static readonly StageResult Staged = new(false, ModelName.Parse("flights"), [], ReplayHost.Start, new SlotTurn(true, 0));

    private readonly Dictionary<string, object?> _answers = new()
    {
        [Stage] = Staged,
        [nameof(RegisterActivities.InspectDrop)] = new InspectResult([], []),
        ["EnterSlot"] = new SlotTurn(true, 0),
        ["LeaveSlot"] = Array.Empty<string>(),
        ["EnterWorkflow"] = true,
        [nameof(RegisterActivities.RegisterVersion)] = new RegisterVersionResult(2, false, VersionStatus.Registered),
        [Validation] = new ValidationChecks([], [], Replay: null),
        [nameof(ValidateActivities.ReplayBlock)] = null,
        [nameof(ValidateActivities.EndValidation)] = new ValidationResult([], []),
        [nameof(RolloutActivities.PlanRollout)] = new RolloutPlan(
            true, "Version 2 is the first champion.", [100], 0, false, 72, 24, new GatePolicy(),
            new FinishRolloutResult(true, new MoveResult(null, 2, true))),
        [Conclude] = new LateConclusion(null, ""),
        [nameof(RollBackActivities.RollBackChampion)] = new MoveResult(2, 1, true),
        [Finish] = Array.Empty<string>(),
    };

    private readonly List<(string Name, string? Input)> _calls = [];
    private readonly Queue<StageResult> _looks = new();
    private readonly Queue<InspectResult> _inspections = new();
    private readonly Queue<bool> _turns = new();
    private readonly Queue<RegisterVersionResult> _registrations = new();
    private readonly ReplayHost _host;

    private RegisterInput _drop = new("flights/model.onnx", "etag", "ann");
    private string? _failing;

    public RegisterOrchestrationTests() => _host = new(async context => await RegisterOrchestration.RunAsync(context, _drop));

    private IEnumerable<string> Names => _calls.Select(call => call.Name);

    private FinishDropInput Finished => ReplayHost.InputOf<FinishDropInput>(_calls.Single(call => call.Name == Finish).Input);

    [Fact]
    public void Run_NoProblem_RunsAllStepsInOrder()
    {
        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Done, 2, 0), (result.Outcome, result.Version!.Value, result.Reasons.Count));
        Assert.Equal(
            [
                "StageDrop", "InspectDrop", "RegisterVersion", "RunValidation", "EndValidation", "PlanRollout", "FinishDrop",
            ],
            Names);
        Assert.Equal(
            [
                "staging", "inspecting", "registering", "validating", "validated", "deciding", "champion",
            ],
            Progress().Steps.Select(step => step.Name));
        Assert.Equal(("flights", 0, false), (Finished.Queue?.Value, Finished.Reasons.Count, Finished.HasSlot));
    }

    [Fact]
    public void Run_NoSlotIsFree_WaitsForItsTurnAndReportsTheQueueLength()
    {
        _looks.Enqueue(Staged with { Slot = new SlotTurn(false, 12) });
        _looks.Enqueue(Staged with { Slot = new SlotTurn(false, 3) });

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["StageDrop", "StageDrop", "StageDrop", "InspectDrop"], Names.Take(4));
        Assert.Equal([false, true, true], _calls.Take(3).Select(call => ReplayHost.InputOf<StageInput>(call.Input).Waited));
        Assert.Equal("12 in front", Progress().Steps.Single(step => step.Name == "waiting for a slot").Detail);
    }

    /// <summary>A rollout of days before a drop must not block a slot for other models.</summary>
    [Fact]
    public void Run_AnotherWorkflowOfTheModelIsAhead_WaitsWithoutASlot()
    {
        _answers["LeaveSlot"] = (string[])["digits~register~1"];
        _registrations.Enqueue(RegisterVersionResult.Behind);
        _turns.Enqueue(false);
        _turns.Enqueue(false);

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(
            ["RegisterVersion", "EnterWorkflow", "LeaveSlot", "EnterWorkflow", "EnterWorkflow", "EnterSlot", "RegisterVersion"],
            Names.Skip(2).Take(7));
        Assert.Equal(["flights", null], _calls.Where(call => call.Name == Register)
            .Select(call => ReplayHost.InputOf<RegisterVersionInput>(call.Input).Queue?.Value));
        Assert.Equal([("digits~register~1", "turn")], _host.Sent);
    }

    [Fact]
    public void Run_ValidationEnds_GivesTheSlotToTheNext()
    {
        _answers[nameof(ValidateActivities.EndValidation)] = new ValidationResult([], [Ids.Operation("1", "digits")]);

        Run();

        Assert.Equal([("digits~register~1", "turn")], _host.Sent);
        Assert.False(Finished.HasSlot);
    }

    [Fact]
    public void Run_WithAChampion_ReplaysEveryBlock()
    {
        _answers[Validation] = new ValidationChecks([], [], new ReplayPlan(1, 3, 12_000));

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["RunValidation", "ReplayBlock", "ReplayBlock", "ReplayBlock", "EndValidation"], Names.Skip(3).Take(5));
    }

    [Fact]
    public void Run_ReferenceThatTheModelCannotScore_IsReportedAndStopsNothing()
    {
        _answers[Validation] = new ValidationChecks([], ["No baseline for drift: index out of range", "another"], Replay: null);

        OperationResult result = Run();

        Assert.Equal(OperationOutcome.Done, result.Outcome);
        Assert.Equal(["No baseline for drift: index out of range", "another"], result.Reasons);
        OperationStep step = Progress().Steps.Single(step => step.Name == "going on without a new profile");
        Assert.EndsWith("index out of range", step.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VersionStatus.Validated)]
    [InlineData(VersionStatus.Champion)]
    [InlineData(VersionStatus.Retired)]
    public void Run_SameBytesAsAVersion_ChangesNothing(VersionStatus status)
    {
        _answers[nameof(RegisterActivities.RegisterVersion)] = new RegisterVersionResult(1, true, status);

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Unchanged, 1), (result.Outcome, result.Version!.Value));
        Assert.DoesNotContain(Validation, Names);
        Assert.Empty(Finished.Reasons);
    }

    /// <summary>An operation that failed midway tells its owner what to do: drop the model again.</summary>
    [Theory]
    [InlineData(VersionStatus.Registered)]
    [InlineData(VersionStatus.Validating)]
    public void Run_SameBytesAsAnUnfinishedVersion_ContinuesWithIt(VersionStatus status)
    {
        _answers[nameof(RegisterActivities.RegisterVersion)] = new RegisterVersionResult(1, true, status);

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Done, 1), (result.Outcome, result.Version!.Value));
        Assert.Contains("PlanRollout", Names);
    }

    [Fact]
    public void Run_SameBytesAsARejectedVersion_IsRejected()
    {
        _answers[nameof(RegisterActivities.RegisterVersion)] = new RegisterVersionResult(1, true, VersionStatus.Rejected);

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Rejected, 1), (result.Outcome, result.Version!.Value));
        Assert.Equal((1, "flights"), (Finished.Version, Finished.Queue?.Value));
        Assert.Equal(["The same bytes are already version 1, which was rejected."], Finished.Reasons);
    }

    [Fact]
    public void Run_DropNotAModel_IsRefusedOutsideAnyQueue()
    {
        _answers[nameof(RegisterActivities.InspectDrop)] = new InspectResult(["no model"], []);

        Assert.Equal(["no model"], Run().Reasons);
        Assert.Equal(["StageDrop", "InspectDrop", "FinishDrop"], Names);
        Assert.Null(Finished.Queue);
        Assert.True(Finished.HasSlot);
        Assert.Equal(["no model"], Finished.Reasons);
    }

    [Fact]
    public void Run_VersionRefused_NotifiesTheOwnerAndLeavesTheQueue()
    {
        _answers[Validation] = new ValidationChecks(["too slow"], [], Replay: null);
        _answers[nameof(ValidateActivities.EndValidation)] = new ValidationResult(["too slow"], []);

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Rejected, 2), (result.Outcome, result.Version!.Value));
        Assert.Equal((2, "flights", "too slow"), (Finished.Version, Finished.Queue?.Value, Finished.Reasons.Single()));
        Assert.DoesNotContain("PlanRollout", Names);
    }

    [Fact]
    public void Run_NextInTheQueue_IsWoken()
    {
        _answers[Finish] = (string[])["flights~promote~1"];

        Run();

        Assert.Equal([("flights~promote~1", "turn")], _host.Sent);
    }

    /// <summary>After five tries the owner is notified, the turn passes on, and the operation has failed.</summary>
    [Theory]
    [InlineData(nameof(RegisterActivities.StageDrop), null, "staging")]
    [InlineData(Validation, "flights", "validating")]
    public void Run_StoreStaysUnavailable_FailsAndReportsIt(string step, string? queue, string at)
    {
        _failing = step;

        Drive();

        Assert.Equal(OrchestrationStatus.Failed, _host.End!.OrchestrationStatus);
        Assert.Equal(5, Names.Count(name => name == step));
        Assert.Equal(queue, Finished.Queue?.Value);
        Assert.Equal([$"The registration failed at '{at}': away Drop the model again to repeat it."], Finished.Reasons);
    }

    private OperationResult Run()
    {
        Drive();
        return _host.Output<OperationResult>();
    }

    private void Drive()
    {
        _host.Turn();
        while (_host.End is null)
        {
            if (_host.Activities.Count == 0)
            {
                _host.FireTimer();
                continue;
            }

            TaskScheduledEvent next = _host.Activities[0];
            _calls.Add((next.Name!, next.Input));
            if (next.Name == _failing)
            {
                _host.Fail("away");
            }
            else
            {
                object? answer = next.Name == Stage && _looks.TryDequeue(out StageResult? look) ? look
                    : next.Name == nameof(RegisterActivities.InspectDrop) && _inspections.TryDequeue(out InspectResult? found) ? found
                    : next.Name == "EnterWorkflow" && _turns.TryDequeue(out bool hasTurn) ? hasTurn
                    : next.Name == Register && _registrations.TryDequeue(out RegisterVersionResult? registered) ? registered
                    : _answers[next.Name!];
                _host.Turn(new TaskCompletedEvent(-1, next.EventId, ReplayHost.Converter.Serialize(answer)));
            }
        }
    }

    private OperationProgress Progress() => JsonSerializer.Deserialize<OperationProgress>(_host.CustomStatus!)!;
}
