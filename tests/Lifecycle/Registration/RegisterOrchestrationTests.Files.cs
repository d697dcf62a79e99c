using Modeldrop.Functions.Lifecycle.Registration;
using Modeldrop.Functions.Lifecycle.Validation;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Lifecycle.Registration;

// Files that arrive while a drop is taken, and afterwards.
public sealed partial class RegisterOrchestrationTests
{
    /// <summary>A folder upload is alphabetical or parallel: the model's arrival says nothing about the other files.</summary>
    [Fact]
    public void Run_FilesStillArrive_Waits()
    {
        _looks.Enqueue(Waits(2));
        _looks.Enqueue(Waits(1));

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["StageDrop", "StageDrop", "StageDrop", "InspectDrop"], Names.Take(4));

        // One second more each, because the engine truncates waits to whole seconds.
        Assert.Equal(ReplayHost.Start.AddSeconds(5), _host.Now);
        Assert.Equal(["Waits a moment."], Progress().Steps.Where(step => step.Name == "waiting for files").Select(step => step.Detail));
    }

    /// <summary>A drop that got its slot may wait for a file again, but without the slot.</summary>
    [Fact]
    public void Run_FilesArriveWhileQueued_WaitsWithoutASlot()
    {
        _looks.Enqueue(Staged with { Slot = new SlotTurn(false, 1) });
        _looks.Enqueue(Waits(1));

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["StageDrop", "StageDrop", "LeaveSlot", "StageDrop", "InspectDrop"], Names.Take(5));
        Assert.False(Finished.HasSlot);
    }

    [Fact]
    public void Run_FilesNeverArrive_RefusesTheDrop()
    {
        _answers[Stage] = new StageResult(false, ModelName.Parse("flights"), ["'model.onnx.data' is missing."]);

        Assert.Equal(["'model.onnx.data' is missing."], Run().Reasons);
        Assert.Equal(["StageDrop", "FinishDrop"], Names);
        Assert.False(Finished.HasSlot);
    }

    [Fact]
    public void Run_ExternalDataThatTheGraphNames_WaitsAndStagesAgain()
    {
        _inspections.Enqueue(new InspectResult(["'model.onnx.data' is missing."], ["model.onnx.data"]));

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["StageDrop", "InspectDrop", "LeaveSlot", "StageDrop", "InspectDrop", "RegisterVersion"], Names.Take(6));
        StageInput again = ReplayHost.InputOf<StageInput>(_calls[3].Input);
        Assert.Equal((true, "model.onnx.data"), (again.Again, again.External.Single()));
    }

    [Fact]
    public void Run_ExternalDataStillMissing_DoesNotWaitTwice()
    {
        _answers[nameof(RegisterActivities.InspectDrop)] = new InspectResult(["'model.onnx.data' is missing."], ["model.onnx.data"]);

        Assert.Equal(["'model.onnx.data' is missing."], Run().Reasons);
        Assert.Equal(2, Names.Count(name => name == "InspectDrop"));
    }

    /// <summary>A violation may be fixed by now: a corrected manifest arrived during the inspection of the first one.</summary>
    [Fact]
    public void Run_FilesThatArriveDuringTheInspection_AreIncluded()
    {
        _inspections.Enqueue(new InspectResult(["model.json: wrong"], [], HasChanged: true));

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["StageDrop", "InspectDrop", "LeaveSlot", "StageDrop", "InspectDrop", "RegisterVersion"], Names.Take(6));
    }

    /// <summary>The last check is just before the version is made: new files are staged again, in the same turn.</summary>
    [Fact]
    public void Run_FilesThatArriveBeforeTheVersionExists_AreIncluded()
    {
        _registrations.Enqueue(RegisterVersionResult.Changed);

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(
            [
                "StageDrop", "InspectDrop", "RegisterVersion", "LeaveSlot",
                "StageDrop", "InspectDrop", "RegisterVersion", "RunValidation",
            ],
            Names.Take(8));
    }

    [Fact]
    public void Run_RefusedByTheRegistry_RejectsTheDropWithItsReason()
    {
        _registrations.Enqueue(RegisterVersionResult.Refused("Another has the name."));

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Rejected, "Another has the name."), (result.Outcome, Assert.Single(result.Reasons)));
        Assert.DoesNotContain("RunValidation", Names);
        Assert.Equal("FinishDrop", Names.Last());
    }

    [Fact]
    public void Run_FilesThatNeverStopArriving_AreTakenAfterTheFifthLook()
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
    public void Run_LateFilesOfADecidedVersion_ValidateItAgainAndMoveNothing(VersionStatus status)
    {
        Late(status);

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Done, 2), (result.Outcome, result.Version!.Value));
        Assert.True(ReplayHost.InputOf<VersionInput>(_calls.Single(call => call.Name == Validation).Input).Again);
        Assert.Equal(["EndValidation", "ConcludeLate", "FinishDrop"], Names.TakeLast(3));
        Assert.Empty(Finished.Reasons);
    }

    [Fact]
    public void Run_ChampionFailsWithLateFiles_IsRolledBackWithTheReasons()
    {
        Late(VersionStatus.Champion);
        _answers[nameof(ValidateActivities.EndValidation)] = new ValidationResult(["accuracy is 0.4"], []);
        _answers[Conclude] = new LateConclusion(1, "Version 1 takes over.");

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Rejected, 2), (result.Outcome, result.Version!.Value));
        RollBackVersionInput move = ReplayHost.InputOf<RollBackVersionInput>(_calls.Single(call => call.Name == "RollBackChampion").Input);
        Assert.Equal(("flights", 1), (move.RollBack.Model.Value, move.RollBack.To!.Value));
        Assert.Contains("accuracy is 0.4", move.RollBack.Reason, StringComparison.Ordinal);
        Assert.Equal(["accuracy is 0.4", "Version 1 takes over."], Finished.Reasons);
    }

    [Fact]
    public void Run_OnlyChampionFailsWithLateFiles_StaysWithTheReasons()
    {
        Late(VersionStatus.Champion);
        _answers[nameof(ValidateActivities.EndValidation)] = new ValidationResult(["accuracy is 0.4"], []);
        _answers[Conclude] = new LateConclusion(null, "It stays champion.");

        Assert.Equal(OperationOutcome.Rejected, Run().Outcome);
        Assert.DoesNotContain("RollBackChampion", Names);
        Assert.Equal(["accuracy is 0.4", "It stays champion."], Finished.Reasons);
    }

    /// <summary>The operation of the first of two late files takes both, and its answer stays.</summary>
    [Fact]
    public void Run_LateFilesWithWhichTheVersionHasFailed_AreRefusedAgain()
    {
        Late(VersionStatus.Champion);
        _answers[Register] = new RegisterVersionResult(2, Existing: true, VersionStatus.Champion, Failed: true);

        Assert.Equal((OperationOutcome.Rejected, 2), (Run().Outcome, Finished.Version!.Value));
        Assert.Contains("failed its validation with files that came late", Assert.Single(Finished.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_LateFilesOfARejectedVersion_ValidateItAgain()
    {
        Late(VersionStatus.Rejected);

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.False(ReplayHost.InputOf<VersionInput>(_calls.Single(call => call.Name == Validation).Input).Again);
        Assert.Contains("PlanRollout", Names);
    }

    /// <summary>A drop with such a manifest would have been refused, so the champion fails.</summary>
    [Fact]
    public void Run_LateFilesThatCannotBeRead_FailTheVersion()
    {
        Late(VersionStatus.Champion);
        _answers[nameof(RegisterActivities.InspectDrop)] = new InspectResult(["model.json: wrong"], []);
        _answers[nameof(RegisterActivities.FindLateVersion)] = new RegisterVersionResult(2, Existing: true, VersionStatus.Champion);
        _answers[Conclude] = new LateConclusion(1, "Version 1 takes over.");

        Assert.Equal((OperationOutcome.Rejected, 2), (Run().Outcome, Finished.Version!.Value));
        Assert.Equal(["InspectDrop", "EnterWorkflow", "FindLateVersion", "ConcludeLate", "RollBackChampion", "FinishDrop"],
            Names.TakeLast(6));
    }

    [Fact]
    public void Run_LateFilesOfARefusedDrop_MakeItsVersion()
    {
        _drop = _drop with { Late = new LateFile("model.json", "e") };

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Contains("PlanRollout", Names);
    }

    [Fact]
    public void Run_UploadByHttp_WaitsForNoFile()
    {
        _drop = _drop with { IsUpload = true };

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal("StageDrop", Names.First());
    }

    private static StageResult Waits(int seconds) =>
        new(false, ModelName.Parse("flights"), [], Waits: new LookResult(TimeSpan.FromSeconds(seconds), "Waits a moment."));

    private void Late(VersionStatus status)
    {
        _drop = _drop with { Late = new LateFile("validation.csv", "e") };
        _answers[Register] = new RegisterVersionResult(2, Existing: false, status, Completed: true);
    }
}
