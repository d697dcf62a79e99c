using Modeldrop.Functions.Lifecycle.Promote;
using Modeldrop.Functions.Lifecycle.Validate;
using Modeldrop.Lifecycle;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Register;

/// <summary>Makes a version of a drop, validates it and, if its policy says so, promotes it.</summary>
public static class RegisterOrchestration
{
    [Function(nameof(RegisterOrchestration))]
    public static async Task<OperationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, RegisterInput input)
    {
        var drop = new DropInput(context.InstanceId, input);
        var progress = new ProgressReporter(context);
        try
        {
            OperationResult result = await RegisterAsync(context, progress, drop);
            await context.CallActivityAsync(nameof(RegisterActivities.FinishDrop), context.InstanceId, ActivityOptions.Default);
            return result;
        }
        catch (TaskFailedException exception)
        {
            // The platform's fault, not the drop's: its owner is told all the same, then the operation fails.
            string reason = $"The registration failed at '{progress.Current}': {exception.FailureDetails.ErrorMessage} Drop the model again to repeat it.";
            await context.CallActivityAsync(nameof(RegisterActivities.RejectDrop), new RejectInput(context.InstanceId, input, null, [reason]), ActivityOptions.Default);
            await context.CallActivityAsync(nameof(RegisterActivities.FinishDrop), context.InstanceId, ActivityOptions.Default);
            throw;
        }
    }

    private static async Task<OperationResult> RegisterAsync(TaskOrchestrationContext context, ProgressReporter progress, DropInput drop)
    {
        progress.Begin("staging", drop.Drop.Path);
        StageResult staged = await context.CallActivityAsync<StageResult>(nameof(RegisterActivities.StageDrop), drop, ActivityOptions.Default);
        if (staged.Superseded)
        {
            return new OperationResult(OperationOutcome.Superseded, null, ["The blob has changed since it was announced; the newer one is registered instead."]);
        }

        if (staged.Violations.Count > 0 || staged.Model is null)
        {
            return await RejectAsync(context, progress, drop, version: null, staged.Violations);
        }

        progress.Begin("inspecting");
        IReadOnlyList<string> violations =
            await context.CallActivityAsync<IReadOnlyList<string>>(nameof(RegisterActivities.InspectDrop), drop.Operation, ActivityOptions.Default);
        if (violations.Count > 0)
        {
            return await RejectAsync(context, progress, drop, version: null, violations);
        }

        progress.Begin("waiting for its turn");
        await WorkflowTurn.EnterAsync(context, staged.Model);
        try
        {
            return await MakeVersionAsync(context, progress, drop, staged.Model);
        }
        finally
        {
            await WorkflowTurn.LeaveAsync(context, staged.Model);
        }
    }

    private static async Task<OperationResult> MakeVersionAsync(TaskOrchestrationContext context, ProgressReporter progress, DropInput drop, string model)
    {
        progress.Begin("registering");
        RegisterVersionResult registered =
            await context.CallActivityAsync<RegisterVersionResult>(nameof(RegisterActivities.RegisterVersion), drop, ActivityOptions.Default);
        if (registered is { Existing: true, Status: VersionStatus.Rejected })
        {
            return await RejectAsync(context, progress, drop, registered.Version, [$"The same bytes are version {registered.Version} already, which was rejected."]);
        }

        // A version that is not validated yet, though it is our turn, was left by an operation that failed or was cancelled: this one goes on with it.
        if (registered is { Existing: true, Status: not (VersionStatus.Registered or VersionStatus.Validating) })
        {
            progress.Begin("done", $"the same bytes are version {registered.Version} already");
            return new OperationResult(OperationOutcome.Unchanged, registered.Version, [$"The same bytes are version {registered.Version} ({registered.Status}) already."]);
        }

        var version = new VersionInput(drop.Operation, model, registered.Version, drop.Drop.Actor);
        progress.Begin("profiling", $"version {registered.Version}");
        // Null in the history of an operation that began before the activity had an answer.
        IReadOnlyList<string> unprofiled =
            await context.CallActivityAsync<IReadOnlyList<string>?>(nameof(RegisterActivities.ProfileReference), version, ActivityOptions.Default) ?? [];
        if (unprofiled.Count > 0)
        {
            progress.Begin("going on without a profile", $"there is no baseline for drift, as the model cannot score its reference data: {unprofiled[0]}");
        }

        progress.Begin("validating", $"version {registered.Version}");
        var asChild = new SubOrchestrationOptions(instanceId: OperationId.Child(context.InstanceId, OperationKind.Validate));
        ValidationResult validated = await context.CallSubOrchestratorAsync<ValidationResult>(nameof(ValidateOrchestration), version, asChild);
        if (validated.Reasons.Count > 0)
        {
            return await RejectAsync(context, progress, drop, registered.Version, validated.Reasons);
        }

        progress.Begin("promoting", $"version {registered.Version}");
        var asRollout = new SubOrchestrationOptions(instanceId: OperationId.Child(context.InstanceId, OperationKind.Promote));
        PromotionDecision promoted = await context.CallSubOrchestratorAsync<PromotionDecision>(nameof(RolloutOrchestration), version, asRollout);
        progress.Begin("done", promoted.Explanation);
        return new OperationResult(OperationOutcome.Done, registered.Version, [.. unprofiled.Select(reason => $"No baseline for drift: {reason}")]);
    }

    private static async Task<OperationResult> RejectAsync(
        TaskOrchestrationContext context, ProgressReporter progress, DropInput drop, int? version, IReadOnlyList<string> reasons)
    {
        progress.Begin("rejected", reasons[0]);
        await context.CallActivityAsync(nameof(RegisterActivities.RejectDrop), new RejectInput(drop.Operation, drop.Drop, version, reasons), ActivityOptions.Default);
        return OperationResult.Rejected(version, reasons);
    }
}
