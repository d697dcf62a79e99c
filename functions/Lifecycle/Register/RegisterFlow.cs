using Modeldrop.Lifecycle;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Register;

/// <summary>What both forms of the registration do, in the order in which running ones have stored it.</summary>
/// <param name="validate">Runs the validation as an orchestration of its own.</param>
/// <param name="rollOut">Runs what follows a validation, likewise.</param>
/// <param name="announce">Tells a rollout that is under way that a new drop is there; null: such a drop waits.</param>
internal sealed class RegisterFlow(
    TaskOrchestrationContext context,
    Func<VersionInput, TaskOptions, Task<ValidationResult>> validate,
    Func<VersionInput, TaskOptions, Task<RolloutResult>> rollOut,
    Func<DropInput, Task>? announce)
{
    private readonly ProgressReporter _progress = new(context);

    /// <summary>Makes a version of a drop, validates it and, if its policy says so, promotes it.</summary>
    public async Task<OperationResult> RunAsync(RegisterInput input)
    {
        var drop = new DropInput(context.InstanceId, input);
        try
        {
            OperationResult result = await RegisterAsync(drop);
            await context.CallActivityAsync(nameof(RegisterActivities.FinishDrop), context.InstanceId, ActivityOptions.Default);
            return result;
        }
        catch (TaskFailedException exception)
        {
            // The platform's fault, not the drop's: its owner is told all the same, then the operation fails.
            string reason = $"The registration failed at '{_progress.Current}': {exception.FailureDetails.ErrorMessage} Drop the model again to repeat it.";
            await context.CallActivityAsync(nameof(RegisterActivities.RejectDrop), new RejectInput(context.InstanceId, input, null, [reason]), ActivityOptions.Default);
            await context.CallActivityAsync(nameof(RegisterActivities.FinishDrop), context.InstanceId, ActivityOptions.Default);
            throw;
        }
    }

    private async Task<OperationResult> RegisterAsync(DropInput drop)
    {
        _progress.Begin("staging", drop.Drop.Path);
        StageResult staged = await context.CallActivityAsync<StageResult>(nameof(RegisterActivities.StageDrop), drop, ActivityOptions.Default);
        if (staged.Superseded)
        {
            return new OperationResult(OperationOutcome.Superseded, null, ["The blob has changed since it was announced; the newer one is registered instead."]);
        }

        if (staged.Violations.Count > 0 || staged.Model is null)
        {
            return await RejectAsync(drop, version: null, staged.Violations);
        }

        _progress.Begin("inspecting");
        IReadOnlyList<string> violations =
            await context.CallActivityAsync<IReadOnlyList<string>>(nameof(RegisterActivities.InspectDrop), drop.Operation, ActivityOptions.Default);
        if (violations.Count > 0)
        {
            return await RejectAsync(drop, version: null, violations);
        }

        if (announce is not null)
        {
            await announce(drop);
        }

        _progress.Begin("waiting for its turn");
        await WorkflowTurn.EnterAsync(context, staged.Model);
        try
        {
            return await MakeVersionAsync(drop, staged.Model);
        }
        finally
        {
            await WorkflowTurn.LeaveAsync(context, staged.Model);
        }
    }

    private async Task<OperationResult> MakeVersionAsync(DropInput drop, string model)
    {
        _progress.Begin("registering");
        RegisterVersionResult registered =
            await context.CallActivityAsync<RegisterVersionResult>(nameof(RegisterActivities.RegisterVersion), drop, ActivityOptions.Default);
        if (registered is { Existing: true, Status: VersionStatus.Rejected })
        {
            return await RejectAsync(drop, registered.Version, [$"The same bytes are version {registered.Version} already, which was rejected."]);
        }

        // A version that is not validated yet, though it is our turn, was left by an operation that failed or was cancelled: this one goes on with it.
        if (registered is { Existing: true, Status: not (VersionStatus.Registered or VersionStatus.Validating) })
        {
            _progress.Begin("done", $"the same bytes are version {registered.Version} already");
            return new OperationResult(OperationOutcome.Unchanged, registered.Version, [$"The same bytes are version {registered.Version} ({registered.Status}) already."]);
        }

        var version = new VersionInput(drop.Operation, model, registered.Version, drop.Drop.Actor);
        _progress.Begin("profiling", $"version {registered.Version}");
        // Null in the history of an operation that began before the activity had an answer.
        IReadOnlyList<string> unprofiled =
            await context.CallActivityAsync<IReadOnlyList<string>?>(nameof(RegisterActivities.ProfileReference), version, ActivityOptions.Default) ?? [];
        if (unprofiled.Count > 0)
        {
            _progress.Begin("going on without a profile", $"there is no baseline for drift, as the model cannot score its reference data: {unprofiled[0]}");
        }

        _progress.Begin("validating", $"version {registered.Version}");
        var asChild = new SubOrchestrationOptions(instanceId: OperationId.Child(context.InstanceId, OperationKind.Validate));
        ValidationResult validated = await validate(version, asChild);
        if (validated.Reasons.Count > 0)
        {
            return await RejectAsync(drop, registered.Version, validated.Reasons);
        }

        _progress.Begin("promoting", $"version {registered.Version}");
        var asRollout = new SubOrchestrationOptions(instanceId: OperationId.Child(context.InstanceId, OperationKind.Promote));
        RolloutResult rolledOut = await rollOut(version, asRollout);
        _progress.Begin("done", rolledOut.Explanation);
        string[] reasons = rolledOut.Outcome == OperationOutcome.Done ? [] : [rolledOut.Explanation];
        return new OperationResult(rolledOut.Outcome, registered.Version, [.. reasons, .. unprofiled.Select(reason => $"No baseline for drift: {reason}")]);
    }

    private async Task<OperationResult> RejectAsync(DropInput drop, int? version, IReadOnlyList<string> reasons)
    {
        _progress.Begin("rejected", reasons[0]);
        await context.CallActivityAsync(nameof(RegisterActivities.RejectDrop), new RejectInput(drop.Operation, drop.Drop, version, reasons), ActivityOptions.Default);
        return OperationResult.Rejected(version, reasons);
    }
}
