using System.Text.Json;
using DurableTask.Core;
using DurableTask.Core.History;
using Modeldrop.Functions.Lifecycle.Register;
using Modeldrop.Functions.Lifecycle.RollBack;
using Modeldrop.Functions.Lifecycle.Rollout;
using Modeldrop.Functions.Lifecycle.Validate;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Drops;
using Modeldrop.Lifecycle.Queues;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Lifecycle;

/// <summary>The sequence of a registration, in memory: every step is answered by the test.</summary>
public sealed class RegisterOrchestrationTests
{
    private const string Validation = nameof(ValidateActivities.RunValidation);
    private const string Finish = nameof(RegisterActivities.FinishDrop);
    private const string Register = nameof(RegisterActivities.RegisterVersion);
    private const string Conclude = nameof(RegisterActivities.ConcludeLate);
    private const string Look = nameof(RegisterActivities.LookAtDrop);

    private static readonly LookResult Settled = new(DropState.Settled, TimeSpan.Zero, []);

    private readonly Dictionary<string, object?> _answers = new()
    {
        [nameof(RegisterActivities.StageDrop)] = new StageResult(false, "flights", [], ReplayHost.Start, new SlotTurn(true, 0)),
        [Look] = Settled,
        [nameof(RegisterActivities.InspectDrop)] = new InspectResult([], []),
        ["EnterSlot"] = new SlotTurn(true, 0),
        ["LeaveSlot"] = Array.Empty<string>(),
        ["EnterWorkflow"] = true,
        [nameof(RegisterActivities.RegisterVersion)] = new RegisterVersionResult(2, false, VersionStatus.Registered),
        [nameof(RegisterActivities.ProfileReference)] = Array.Empty<string>(),
        [Validation] = new ValidationChecks([], Replay: null),
        [nameof(ValidateActivities.ReplayBlock)] = null,
        [nameof(ValidateActivities.EndValidation)] = new ValidationResult([], []),
        [nameof(RolloutActivities.PlanRollout)] = new RolloutPlan(true, "Version 2 is the first champion.", [100], 0, false, 72, 24, new GatePolicy()),
        [nameof(RolloutActivities.FinishRollout)] = new FinishRolloutResult(true, new MoveResult(null, 2, true)),
        [Conclude] = new LateConclusion(null, ""),
        [nameof(RollBackActivities.RollBackChampion)] = new MoveResult(2, 1, true),
        [Finish] = Array.Empty<string>(),
    };

    private readonly List<(string Name, string? Input)> _calls = [];
    private readonly Queue<LookResult> _looks = new();
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
    public void Run_AllGood_IsDoneInOrder()
    {
        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Done, 2, 0), (result.Outcome, result.Version!.Value, result.Reasons.Count));
        Assert.Equal(
            [
                "LookAtDrop", "StageDrop", "InspectDrop", "EnterWorkflow", "RegisterVersion", "ProfileReference", "RunValidation", "EndValidation",
                "PlanRollout", "FinishRollout", "FinishDrop",
            ],
            Names);
        Assert.Equal(
            [
                "staging", "inspecting", "waiting for its turn", "registering", "profiling", "validating", "validated", "deciding", "champion",
            ],
            Progress().Steps.Select(step => step.Name));
        Assert.Equal(("flights", 0, false), (Finished.Queue, Finished.Reasons.Count, Finished.HasSlot));
    }

    [Fact]
    public void Run_NoSlotIsFree_WaitsForItsTurnAndSaysHowManyAreInFront()
    {
        _answers[nameof(RegisterActivities.StageDrop)] = new StageResult(false, "flights", [], ReplayHost.Start, new SlotTurn(false, 12));

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["LookAtDrop", "StageDrop", "EnterSlot", "InspectDrop"], Names.Take(4));
        Assert.Equal(ReplayHost.Start, ReplayHost.InputOf<SlotInput>(_calls[2].Input).Since);
        Assert.Equal("12 in front", Progress().Steps.Single(step => step.Name == "waiting for a slot").Detail);
    }

    /// <summary>A rollout of days in front of a drop must not keep a slot from other models.</summary>
    [Fact]
    public void Run_AnotherWorkflowOfTheModelInFront_WaitsWithoutASlot()
    {
        _answers["LeaveSlot"] = (string[])["digits~register~1"];
        _turns.Enqueue(false);
        _turns.Enqueue(false);

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["EnterWorkflow", "LeaveSlot", "EnterWorkflow", "EnterWorkflow", "EnterSlot", "RegisterVersion"], Names.Skip(3).Take(6));
        Assert.Equal([("digits~register~1", "turn")], _host.Sent);
    }

    [Fact]
    public void Run_ValidationEnds_GivesTheSlotToTheNext()
    {
        _answers[nameof(ValidateActivities.EndValidation)] = new ValidationResult([], ["digits~register~1"]);

        Run();

        Assert.Equal([("digits~register~1", "turn")], _host.Sent);
        Assert.False(Finished.HasSlot);
    }

    [Fact]
    public void Run_WithAChampion_ReplaysEveryBlock()
    {
        _answers[Validation] = new ValidationChecks([], new ReplayPlan(1, 3, 12_000));

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["RunValidation", "ReplayBlock", "ReplayBlock", "ReplayBlock", "EndValidation"], Names.Skip(6).Take(5));
    }

    [Fact]
    public void Run_ReferenceThatTheModelCannotScore_IsSeenAndStopsNothing()
    {
        _answers[nameof(RegisterActivities.ProfileReference)] = (string[])["No baseline for drift: index out of range", "another"];

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

    /// <summary>What an operation that failed half-way tells its owner to do: drop the model again.</summary>
    [Theory]
    [InlineData(VersionStatus.Registered)]
    [InlineData(VersionStatus.Validating)]
    public void Run_SameBytesAsAVersionThatWasLeftHalfWay_GoesOnWithIt(VersionStatus status)
    {
        _answers[nameof(RegisterActivities.RegisterVersion)] = new RegisterVersionResult(1, true, status);

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Done, 1), (result.Outcome, result.Version!.Value));
        Assert.Contains("FinishRollout", Names);
    }

    [Fact]
    public void Run_SameBytesAsARejectedVersion_IsRejected()
    {
        _answers[nameof(RegisterActivities.RegisterVersion)] = new RegisterVersionResult(1, true, VersionStatus.Rejected);

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Rejected, 1), (result.Outcome, result.Version!.Value));
        Assert.Equal((1, "flights"), (Finished.Version, Finished.Queue));
        Assert.Equal(["The same bytes are version 1 already, which was rejected."], Finished.Reasons);
    }

    [Fact]
    public void Run_DropThatIsNoModel_IsRefusedOutsideOfAnyQueue()
    {
        _answers[nameof(RegisterActivities.InspectDrop)] = new InspectResult(["no model"], []);

        Assert.Equal(["no model"], Run().Reasons);
        Assert.Equal(["LookAtDrop", "StageDrop", "InspectDrop", "FinishDrop"], Names);
        Assert.Null(Finished.Queue);
        Assert.True(Finished.HasSlot);
        Assert.Equal(["no model"], Finished.Reasons);
    }

    /// <summary>A folder upload is alphabetical or parallel: the model's arrival says nothing of the other files.</summary>
    [Fact]
    public void Run_FilesThatStillArrive_AreWaitedFor()
    {
        _looks.Enqueue(new LookResult(DropState.Waiting, TimeSpan.FromSeconds(2), ["Waits a moment."]));
        _looks.Enqueue(new LookResult(DropState.Waiting, TimeSpan.FromSeconds(1), ["Waits a moment."]));

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["LookAtDrop", "LookAtDrop", "LookAtDrop", "StageDrop"], Names.Take(4));
        Assert.Equal(ReplayHost.Start.AddSeconds(3), _host.Now);
        Assert.Equal(["Waits a moment."], Progress().Steps.Where(step => step.Name == "waiting for files").Select(step => step.Detail));
    }

    [Fact]
    public void Run_FilesThatNeverArrive_RefuseTheDrop()
    {
        _answers[Look] = new LookResult(DropState.GaveUp, TimeSpan.Zero, ["'model.onnx.data' is missing."]);

        Assert.Equal(["'model.onnx.data' is missing."], Run().Reasons);
        Assert.Equal(["LookAtDrop", "FinishDrop"], Names);
    }

    [Fact]
    public void Run_ExternalDataThatTheGraphNames_AreWaitedForAndStagedAgain()
    {
        _inspections.Enqueue(new InspectResult(["'model.onnx.data' is missing."], ["model.onnx.data"]));

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["LookAtDrop", "StageDrop", "InspectDrop", "LeaveSlot", "LookAtDrop", "StageDrop", "InspectDrop", "EnterWorkflow"], Names.Take(8));
        Assert.Equal(["model.onnx.data"], ReplayHost.InputOf<LookInput>(_calls[4].Input).External);
        Assert.True(ReplayHost.InputOf<StageInput>(_calls[5].Input).Again);
    }

    [Fact]
    public void Run_ExternalDataThatTheGraphCannotFindAllTheSame_AreNotWaitedForTwice()
    {
        _answers[nameof(RegisterActivities.InspectDrop)] = new InspectResult(["'model.onnx.data' is missing."], ["model.onnx.data"]);

        Assert.Equal(["'model.onnx.data' is missing."], Run().Reasons);
        Assert.Equal(2, Names.Count(name => name == "InspectDrop"));
    }

    /// <summary>What is wrong may be right by now: a corrected manifest came while the first one was looked at.</summary>
    [Fact]
    public void Run_FilesThatComeWhileTheDropIsInspected_AreTakenToo()
    {
        _inspections.Enqueue(new InspectResult(["model.json: wrong"], [], HasChanged: true));

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["LookAtDrop", "StageDrop", "InspectDrop", "LeaveSlot", "LookAtDrop", "StageDrop", "InspectDrop", "EnterWorkflow"], Names.Take(8));
    }

    /// <summary>The last look is just before the version is made: what it sees is staged anew, in the same turn.</summary>
    [Fact]
    public void Run_FilesThatComeBeforeTheVersionIsMade_AreTakenToo()
    {
        _registrations.Enqueue(RegisterVersionResult.Changed);

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(
            [
                "LookAtDrop", "StageDrop", "InspectDrop", "EnterWorkflow", "RegisterVersion", "LeaveSlot",
                "LookAtDrop", "StageDrop", "InspectDrop", "RegisterVersion", "ProfileReference",
            ],
            Names.Take(11));
    }

    [Fact]
    public void Run_FilesThatNeverStopComing_AreTakenAfterTheFifthLook()
    {
        for (int take = 1; take < 5; take++)
        {
            _registrations.Enqueue(RegisterVersionResult.Changed);
        }

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        IEnumerable<bool> mustBeWhole = _calls.Where(call => call.Name == Register)
            .Select(call => ReplayHost.InputOf<RegisterVersionInput>(call.Input).MustBeWhole);
        Assert.Equal([true, true, true, true, false], mustBeWhole);
    }

    [Theory]
    [InlineData(VersionStatus.Champion)]
    [InlineData(VersionStatus.Validated)]
    [InlineData(VersionStatus.Retired)]
    public void Run_LateFilesOfAVersionThatWasDecidedOn_ValidateItAgainAndMoveNothing(VersionStatus status)
    {
        Late(status);

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Done, 2), (result.Outcome, result.Version!.Value));
        Assert.True(ReplayHost.InputOf<VersionInput>(_calls.Single(call => call.Name == Validation).Input).Again);
        Assert.Equal(["EndValidation", "ConcludeLate", "FinishDrop"], Names.TakeLast(3));
        Assert.Empty(Finished.Reasons);
    }

    [Fact]
    public void Run_LateFilesThatTheChampionFailsWith_RollItBackAndSayWhy()
    {
        Late(VersionStatus.Champion);
        _answers[nameof(ValidateActivities.EndValidation)] = new ValidationResult(["accuracy is 0.4"], []);
        _answers[Conclude] = new LateConclusion(1, "Version 1 takes over.");

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Rejected, 2), (result.Outcome, result.Version!.Value));
        RollBackVersionInput move = ReplayHost.InputOf<RollBackVersionInput>(_calls.Single(call => call.Name == "RollBackChampion").Input);
        Assert.Equal(("flights", 1), (move.RollBack.Model, move.RollBack.To!.Value));
        Assert.Contains("accuracy is 0.4", move.RollBack.Reason, StringComparison.Ordinal);
        Assert.Equal(["accuracy is 0.4", "Version 1 takes over."], Finished.Reasons);
    }

    [Fact]
    public void Run_LateFilesThatTheOnlyChampionFailsWith_LeaveItAndSayWhy()
    {
        Late(VersionStatus.Champion);
        _answers[nameof(ValidateActivities.EndValidation)] = new ValidationResult(["accuracy is 0.4"], []);
        _answers[Conclude] = new LateConclusion(null, "It stays champion.");

        Assert.Equal(OperationOutcome.Rejected, Run().Outcome);
        Assert.DoesNotContain("RollBackChampion", Names);
        Assert.Equal(["accuracy is 0.4", "It stays champion."], Finished.Reasons);
    }

    /// <summary>Of two late files the first takes both: the answer that it gave stays.</summary>
    [Fact]
    public void Run_LateFilesThatAVersionHasFailedWith_AreRefusedAgain()
    {
        Late(VersionStatus.Champion);
        _answers[Register] = new RegisterVersionResult(2, Existing: true, VersionStatus.Champion, Failed: true);

        Assert.Equal((OperationOutcome.Rejected, 2), (Run().Outcome, Finished.Version!.Value));
        Assert.Contains("failed its validation with files that came late", Assert.Single(Finished.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_LateFilesOfARejectedVersion_GiveItAnotherChance()
    {
        Late(VersionStatus.Rejected);

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.False(ReplayHost.InputOf<VersionInput>(_calls.Single(call => call.Name == Validation).Input).Again);
        Assert.Contains("FinishRollout", Names);
    }

    /// <summary>A drop with such a manifest would have been refused, so its champion fails.</summary>
    [Fact]
    public void Run_LateFilesThatCannotBeRead_FailTheVersion()
    {
        Late(VersionStatus.Champion);
        _answers[nameof(RegisterActivities.InspectDrop)] = new InspectResult(["model.json: wrong"], []);
        _answers[nameof(RegisterActivities.FindLateVersion)] = new RegisterVersionResult(2, Existing: true, VersionStatus.Champion);
        _answers[Conclude] = new LateConclusion(1, "Version 1 takes over.");

        Assert.Equal((OperationOutcome.Rejected, 2), (Run().Outcome, Finished.Version!.Value));
        Assert.Equal(["InspectDrop", "EnterWorkflow", "FindLateVersion", "ConcludeLate", "RollBackChampion", "FinishDrop"], Names.TakeLast(6));
    }

    [Fact]
    public void Run_LateFilesOfADropThatWasRefused_MakeItsVersion()
    {
        _drop = _drop with { Late = new LateFile("model.json", "e") };

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Contains("FinishRollout", Names);
    }

    [Fact]
    public void Run_UploadByHttp_WaitsForNoFile()
    {
        _drop = _drop with { IsUpload = true };

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal("StageDrop", Names.First());
    }

    [Fact]
    public void Run_VersionThatIsRefused_TellsTheOwnerAndLeaves()
    {
        _answers[Validation] = new ValidationChecks(["too slow"], Replay: null);
        _answers[nameof(ValidateActivities.EndValidation)] = new ValidationResult(["too slow"], []);

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Rejected, 2), (result.Outcome, result.Version!.Value));
        Assert.Equal((2, "flights", "too slow"), (Finished.Version, Finished.Queue, Finished.Reasons.Single()));
        Assert.DoesNotContain("PlanRollout", Names);
    }

    [Fact]
    public void Run_NextInTheQueue_IsWoken()
    {
        _answers[Finish] = (string[])["flights~promote~1"];

        Run();

        Assert.Equal([("flights~promote~1", "turn")], _host.Sent);
    }

    /// <summary>Five tries; then the owner is told, the turn is given on, and the operation has failed.</summary>
    [Theory]
    [InlineData(nameof(RegisterActivities.StageDrop), null, "staging")]
    [InlineData(Validation, "flights", "validating")]
    public void Run_StoreThatStaysAway_FailsAndSaysSo(string step, string? queue, string at)
    {
        _failing = step;

        Drive();

        Assert.Equal(OrchestrationStatus.Failed, _host.End!.OrchestrationStatus);
        Assert.Equal(5, Names.Count(name => name == step));
        Assert.Equal(queue, Finished.Queue);
        Assert.Equal([$"The registration failed at '{at}': away Drop the model again to repeat it."], Finished.Reasons);
    }

    private void Late(VersionStatus status)
    {
        _drop = _drop with { Late = new LateFile("validation.csv", "e") };
        _answers[Register] = new RegisterVersionResult(2, Existing: false, status, Completed: true);
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
                object? answer = next.Name == Look && _looks.TryDequeue(out LookResult? look) ? look
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
