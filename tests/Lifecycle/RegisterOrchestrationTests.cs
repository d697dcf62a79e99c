using System.Text.Json;
using DurableTask.Core;
using DurableTask.Core.History;
using Modeldrop.Functions.Lifecycle.Register;
using Modeldrop.Functions.Lifecycle.Rollout;
using Modeldrop.Functions.Lifecycle.Validate;
using Modeldrop.Lifecycle;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Lifecycle;

/// <summary>The sequence of a registration, in memory: every step is answered by the test.</summary>
public sealed class RegisterOrchestrationTests
{
    private const string Validation = nameof(ValidateActivities.RunValidation);
    private const string Finish = nameof(RegisterActivities.FinishDrop);

    private static readonly RegisterInput Drop = new("flights/model.onnx", "etag", "ann");

    private readonly Dictionary<string, object?> _answers = new()
    {
        [nameof(RegisterActivities.StageDrop)] = new StageResult(false, "flights", []),
        [nameof(RegisterActivities.InspectDrop)] = Array.Empty<string>(),
        ["EnterWorkflow"] = true,
        [nameof(RegisterActivities.RegisterVersion)] = new RegisterVersionResult(2, false, VersionStatus.Registered),
        [nameof(RegisterActivities.ProfileReference)] = Array.Empty<string>(),
        [Validation] = new ValidationChecks([], Replay: null),
        [nameof(ValidateActivities.ReplayBlock)] = null,
        [nameof(ValidateActivities.EndValidation)] = new ValidationResult([]),
        [nameof(RolloutActivities.PlanRollout)] = new RolloutPlan(true, "Version 2 is the first champion.", [100], 0, false, 72, 24, new GatePolicy()),
        [nameof(RolloutActivities.FinishRollout)] = new FinishRolloutResult(true, new MoveResult(null, 2, true)),
        [Finish] = null,
    };

    private readonly List<(string Name, string? Input)> _calls = [];
    private readonly ReplayHost _host = new(async context => await RegisterOrchestration.RunAsync(context, Drop));

    private string? _failing;

    private IEnumerable<string> Names => _calls.Select(call => call.Name);

    private FinishDropInput Finished => ReplayHost.InputOf<FinishDropInput>(_calls.Single(call => call.Name == Finish).Input);

    [Fact]
    public void Run_AllGood_IsDoneInOrder()
    {
        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Done, 2, 0), (result.Outcome, result.Version!.Value, result.Reasons.Count));
        Assert.Equal(
            [
                "StageDrop", "InspectDrop", "EnterWorkflow", "RegisterVersion", "ProfileReference", "RunValidation", "EndValidation",
                "PlanRollout", "FinishRollout", "FinishDrop",
            ],
            Names);
        Assert.Equal(
            [
                "staging", "inspecting", "waiting for its turn", "registering", "profiling", "validating", "validated", "deciding", "champion",
            ],
            Progress().Steps.Select(step => step.Name));
        Assert.Equal(("flights", 0), (Finished.Queue, Finished.Reasons.Count));
    }

    [Fact]
    public void Run_WithAChampion_ReplaysEveryBlock()
    {
        _answers[Validation] = new ValidationChecks([], new ReplayPlan(1, 3, 12_000));

        Assert.Equal(OperationOutcome.Done, Run().Outcome);
        Assert.Equal(["RunValidation", "ReplayBlock", "ReplayBlock", "ReplayBlock", "EndValidation"], Names.Skip(5).Take(5));
    }

    [Fact]
    public void Run_ReferenceThatTheModelCannotScore_IsSeenAndStopsNothing()
    {
        _answers[nameof(RegisterActivities.ProfileReference)] = (string[])["index out of range", "another"];

        OperationResult result = Run();

        Assert.Equal(OperationOutcome.Done, result.Outcome);
        Assert.Equal(["No baseline for drift: index out of range", "No baseline for drift: another"], result.Reasons);
        OperationStep step = Progress().Steps.Single(step => step.Name == "going on without a profile");
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
        _answers[nameof(RegisterActivities.InspectDrop)] = (string[])["no model"];

        Assert.Equal(["no model"], Run().Reasons);
        Assert.Equal(["StageDrop", "InspectDrop", "FinishDrop"], Names);
        Assert.Null(Finished.Queue);
        Assert.Equal(["no model"], Finished.Reasons);
    }

    [Fact]
    public void Run_VersionThatIsRefused_TellsTheOwnerAndLeaves()
    {
        _answers[Validation] = new ValidationChecks(["too slow"], Replay: null);
        _answers[nameof(ValidateActivities.EndValidation)] = new ValidationResult(["too slow"]);

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Rejected, 2), (result.Outcome, result.Version!.Value));
        Assert.Equal((2, "flights", "too slow"), (Finished.Version, Finished.Queue, Finished.Reasons.Single()));
        Assert.DoesNotContain("PlanRollout", Names);
    }

    [Fact]
    public void Run_NextInTheQueue_IsWoken()
    {
        _answers[Finish] = "flights~promote~1";

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
                _host.Turn(new TaskCompletedEvent(-1, next.EventId, ReplayHost.Converter.Serialize(_answers[next.Name!])));
            }
        }
    }

    private OperationProgress Progress() => JsonSerializer.Deserialize<OperationProgress>(_host.CustomStatus!)!;
}
