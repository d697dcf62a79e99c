using Modeldrop.Functions.Lifecycle.Rollout;
using Modeldrop.Functions.Lifecycle.Validate;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Drops;
using Modeldrop.Lifecycle.Queues;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Register;

/// <summary>One run of a registration: sequence only.</summary>
internal sealed class RegisterRun(TaskOrchestrationContext context, DropInput drop)
{
    private readonly ProgressReporter _progress = new(context);
    private readonly WorkflowTurn _turn = new(context);

    private string? _model;
    private bool _hasSlot;

    public async Task<OperationResult> RunAsync()
    {
        OperationResult result;
        try
        {
            result = await RegisterAsync();
        }
        catch (TaskFailedException exception)
        {
            // The platform's fault, not the drop's. Its owner is told all the same, then the operation fails.
            string failure = exception.FailureDetails.ErrorMessage;
            string reason = $"The registration failed at '{_progress.Current}': {failure} Drop the model again to repeat it.";
            await FinishAsync(version: null, [reason]);
            throw;
        }

        await FinishAsync(result.Version, result.Outcome == OperationOutcome.Rejected ? result.Reasons : []);
        return result;
    }

    private async Task<OperationResult> RegisterAsync()
    {
        IReadOnlyList<string> external = [];
        for (bool again = false; ; again = true)
        {
            IReadOnlyList<string> refused = drop.Drop.IsUpload ? [] : await SettleAsync(external);
            if (refused.Count > 0)
            {
                return Reject(version: null, refused);
            }

            _progress.Begin("staging", drop.Drop.Path);
            _hasSlot = true;
            StageResult staged = await context.CallActivityAsync<StageResult>(
                nameof(RegisterActivities.StageDrop), new StageInput(drop, again), ActivityOptions.Default);
            if (staged.Superseded)
            {
                string reason = "The blob has changed since it was announced; the newer one is registered instead.";
                return new OperationResult(OperationOutcome.Superseded, null, [reason]);
            }

            if (staged.Violations.Count > 0 || staged.Model is null)
            {
                return Reject(version: null, staged.Violations);
            }

            DateTimeOffset since = staged.DroppedAt!.Value;
            await _turn.EnterSlotAsync(SlotPool.Registration, since, staged.Slot, _progress);
            _progress.Begin("inspecting");
            InspectResult inspected = await context.CallActivityAsync<InspectResult>(
                nameof(RegisterActivities.InspectDrop), drop.Operation, ActivityOptions.Default);
            if (inspected.Violations.Count == 0)
            {
                return await MakeVersionAsync(staged.Model, since);
            }

            if (drop.Drop.IsUpload || !inspected.MissingFiles.Except(external).Any())
            {
                return Reject(version: null, inspected.Violations);
            }

            // Folder uploads are parallel: what the graph names may come after the model.
            external = [.. external.Union(inspected.MissingFiles)];
            await LeaveSlotAsync();
        }
    }

    /// <summary>Waits until no more files of the drop arrive.</summary>
    /// <param name="external">Files that the graph names and that were not there.</param>
    /// <returns>Why the drop is refused; empty: it may be taken.</returns>
    private async Task<IReadOnlyList<string>> SettleAsync(IReadOnlyList<string> external)
    {
        LookResult look = await LookAsync(external);
        for (string? shown = null; look.State == DropState.Waiting; look = await LookAsync(external))
        {
            if (look.Reasons[0] != shown)
            {
                shown = look.Reasons[0];
                _progress.Begin("waiting for files", shown);
            }

            await context.CreateTimer(context.CurrentUtcDateTime + look.Pause, CancellationToken.None);
        }

        return look.Reasons;
    }

    private Task<LookResult> LookAsync(IReadOnlyList<string> external) => context.CallActivityAsync<LookResult>(
        nameof(RegisterActivities.LookAtDrop), new LookInput(drop.Drop, external), ActivityOptions.Default);

    private async Task<OperationResult> MakeVersionAsync(string model, DateTimeOffset since)
    {
        _progress.Begin("waiting for its turn");
        _model = model;
        if (await _turn.EnterAsync(model, isDrop: true, beforeWaiting: LeaveSlotAsync))
        {
            // The rollout in front may have taken days. Now there is work again.
            _hasSlot = true;
            await _turn.EnterSlotAsync(SlotPool.Registration, since, known: null, _progress);
        }

        _progress.Begin("registering");
        RegisterVersionResult registered = await context.CallActivityAsync<RegisterVersionResult>(
            nameof(RegisterActivities.RegisterVersion), drop, ActivityOptions.Default);
        if (registered is { Existing: true, Status: VersionStatus.Rejected })
        {
            return Reject(registered.Version, [$"The same bytes are version {registered.Version} already, which was rejected."]);
        }

        // A version that is not validated yet, although it is our turn, was left by an operation that failed or was cancelled.
        // This one goes on with it.
        if (registered is { Existing: true, Status: not (VersionStatus.Registered or VersionStatus.Validating) })
        {
            _progress.Begin("done", $"the same bytes are version {registered.Version} already");
            string reason = $"The same bytes are version {registered.Version} ({registered.Status}) already.";
            return new OperationResult(OperationOutcome.Unchanged, registered.Version, [reason]);
        }

        var version = new VersionInput(drop.Operation, model, registered.Version, drop.Drop.Actor);
        _progress.Begin("profiling", $"version {registered.Version}");
        IReadOnlyList<string> unprofiled = await context.CallActivityAsync<IReadOnlyList<string>>(
            nameof(RegisterActivities.ProfileReference), version, ActivityOptions.Default);
        if (unprofiled.Count > 0)
        {
            string detail = $"there is no baseline for drift, as the model cannot score its reference data: {unprofiled[0]}";
            _progress.Begin("going on without a profile", detail);
        }

        ValidationResult validated = await new ValidationRun(context, _progress, version).RunAsync();
        _hasSlot = false;
        if (validated.Reasons.Count > 0)
        {
            return Reject(registered.Version, validated.Reasons);
        }

        var rollout = new RolloutRequest(drop.Operation, model, registered.Version, drop.Drop.Actor, Reason: null, Overrides: null);
        RolloutResult rolledOut = await new RolloutRun(context, _progress, rollout).RunAsync();
        string[] reasons = rolledOut.Outcome == OperationOutcome.Done ? [] : [rolledOut.Explanation];
        return new OperationResult(
            rolledOut.Outcome, registered.Version, [.. reasons, .. unprofiled.Select(reason => $"No baseline for drift: {reason}")]);
    }

    private OperationResult Reject(int? version, IReadOnlyList<string> reasons)
    {
        _progress.Begin("rejected", reasons[0]);
        return OperationResult.Rejected(version, reasons);
    }

    /// <summary>Tells the owner why the drop was refused, removes the working copies, and gives the turn to the next workflow.</summary>
    private async Task FinishAsync(int? version, IReadOnlyList<string> reasons)
    {
        var input = new FinishDropInput(drop.Operation, drop.Drop, _model, _hasSlot, version, reasons);
        WorkflowTurn.Wake(context, await context.CallActivityAsync<IReadOnlyList<string>>(
            nameof(RegisterActivities.FinishDrop), input, ActivityOptions.Default));
    }

    private async Task LeaveSlotAsync()
    {
        await _turn.LeaveSlotAsync(SlotPool.Registration);
        _hasSlot = false;
    }
}
