using System.Text.Json;
using Modeldrop.Functions.Lifecycle.Promote;
using Modeldrop.Functions.Lifecycle.Register;
using Modeldrop.Functions.Lifecycle.Rollout;
using Modeldrop.Functions.Lifecycle.Validate;
using Modeldrop.Lifecycle;
using Modeldrop.LocalHost.Durable;
using Modeldrop.Registry;
using Modeldrop.Tests.LocalHost.Durable;

namespace Modeldrop.Tests.Lifecycle;

/// <summary>The sequence of a registration, in memory: every step is answered by the test.</summary>
public sealed class RegisterOrchestrationTests
{
    private static readonly RegisterInput Drop = new("flights/model.onnx", "etag", "ann");

    private readonly Dictionary<string, object?> _answers = new()
    {
        [nameof(RegisterActivities.StageDrop)] = new StageResult(false, "flights", []),
        [nameof(RegisterActivities.InspectDrop)] = Array.Empty<string>(),
        ["EnterWorkflow"] = true,
        ["LeaveWorkflow"] = null,
        [nameof(RegisterActivities.RegisterVersion)] = new RegisterVersionResult(2, false, VersionStatus.Registered),
        [nameof(RegisterActivities.ProfileReference)] = Array.Empty<string>(),
        [nameof(ValidateOrchestration)] = new ValidationResult([]),
        [nameof(RolloutOrchestration)] = new PromotionDecision(true, "Version 2 is the first champion."),
        [nameof(RegisterActivities.RejectDrop)] = null,
        [nameof(RegisterActivities.FinishDrop)] = null,
    };

    private readonly List<(string Name, string? Input)> _calls = [];

    private OperationProgress? _progress;

    [Fact]
    public void Run_AllGood_IsDoneInOrder()
    {
        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Done, 2, 0), (result.Outcome, result.Version!.Value, result.Reasons.Count));
        Assert.Equal(
            [
                "StageDrop", "InspectDrop", "EnterWorkflow", "RegisterVersion", "ProfileReference", "ValidateOrchestration", "RolloutOrchestration", "LeaveWorkflow",
                "FinishDrop",
            ],
            _calls.Select(call => call.Name));
    }

    [Theory]
    [InlineData(OperationOutcome.Done, 0)]
    [InlineData(OperationOutcome.RolledBack, 1)]
    [InlineData(OperationOutcome.Superseded, 1)]
    public void RunV2_EndsAsItsRolloutDoes(OperationOutcome outcome, int reasons)
    {
        _answers[nameof(RolloutActivities.SupersedeRollout)] = null;
        _answers[nameof(ValidateOrchestrationV2)] = new ValidationResult([]);
        _answers[nameof(RolloutOrchestrationV2)] = new RolloutResult(outcome, outcome == OperationOutcome.Done, "words");

        OperationResult result = Run(RegisterOrchestrationV2.RunAsync);

        Assert.Equal((outcome, 2, reasons), (result.Outcome, result.Version!.Value, result.Reasons.Count));
        Assert.Equal(
            [
                "StageDrop", "InspectDrop", "SupersedeRollout", "EnterWorkflow", "RegisterVersion", "ProfileReference", "ValidateOrchestrationV2",
                "RolloutOrchestrationV2", "LeaveWorkflow", "FinishDrop",
            ],
            _calls.Select(call => call.Name));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_ReferenceThatTheModelCannotScore_IsSeenAndStopsNothing(bool known)
    {
        // Operations that began before the activity had an answer have null in their history.
        _answers[nameof(RegisterActivities.ProfileReference)] = known ? (string[])["index out of range", "another"] : null;

        OperationResult result = Run();

        Assert.Equal(OperationOutcome.Done, result.Outcome);
        Assert.Equal(known ? ["No baseline for drift: index out of range", "No baseline for drift: another"] : [], result.Reasons);
        OperationStep? step = _progress!.Steps.SingleOrDefault(step => step.Name == "going on without a profile");
        Assert.Equal(known, step is not null);
        Assert.EndsWith(known ? "index out of range" : "", step?.Detail ?? "", StringComparison.Ordinal);
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
        Assert.DoesNotContain(_calls, call => call.Name is "ValidateOrchestration" or "RejectDrop");
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
        Assert.Contains(_calls, call => call.Name == "RolloutOrchestration");
    }

    [Fact]
    public void Run_SameBytesAsARejectedVersion_IsRejected()
    {
        _answers[nameof(RegisterActivities.RegisterVersion)] = new RegisterVersionResult(1, true, VersionStatus.Rejected);

        OperationResult result = Run();

        Assert.Equal((OperationOutcome.Rejected, 1), (result.Outcome, result.Version!.Value));
        RejectInput rejected = TestFunctions.Converter.Deserialize<RejectInput>(_calls.Single(call => call.Name == "RejectDrop").Input)!;
        Assert.Equal(1, rejected.Version);
        Assert.Equal(["The same bytes are version 1 already, which was rejected."], rejected.Reasons);
    }

    [Theory]
    [InlineData(nameof(RegisterActivities.InspectDrop))]
    [InlineData(nameof(ValidateOrchestration))]
    public void Run_Refused_TellsTheOwnerAndFinishes(string step)
    {
        _answers[step] = step == nameof(ValidateOrchestration) ? new ValidationResult(["too slow"]) : (string[])["too slow"];

        OperationResult result = Run();

        Assert.Equal(OperationOutcome.Rejected, result.Outcome);
        Assert.Equal(["too slow"], result.Reasons);
        Assert.Equal(["RejectDrop", "FinishDrop"], _calls.Select(call => call.Name).Where(name => name is "RejectDrop" or "FinishDrop"));
        Assert.Equal(_calls.Exists(call => call.Name == "EnterWorkflow"), _calls.Exists(call => call.Name == "LeaveWorkflow"));
    }

    private OperationResult Run() => Run(RegisterOrchestration.RunAsync);

    private OperationResult Run(Func<TaskOrchestrationContext, RegisterInput, Task<OperationResult>> run)
    {
        ReplayHost host = new ReplayHost(async context => await run(context, Drop)).Turn();
        while (host.End is null)
        {
            PendingStep next = host.Pending.Activities.Values.Select(one => new PendingStep(one.TaskId, one.Name, one.Input))
                .Concat(host.Pending.SubOrchestrations.Values.Select(one => new PendingStep(one.TaskId, one.Name, one.Input))).Single();
            _calls.Add((next.Name, next.Input));
            host.Turn(ReplayHost.Completed(next.TaskId, _answers[next.Name]));
        }

        Assert.Equal(OrchestrationRuntimeStatus.Completed, host.End.Status);
        _progress = JsonSerializer.Deserialize<OperationProgress>(host.Row.CustomStatus!);
        return TestFunctions.Converter.Deserialize<OperationResult>(host.End.Output)!;
    }

    private sealed record PendingStep(int TaskId, string Name, string? Input);
}
