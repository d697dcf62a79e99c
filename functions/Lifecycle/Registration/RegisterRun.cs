using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Functions.Lifecycle.Rollouts;
using Modeldrop.Functions.Lifecycle.Validation;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Registration;

/// <summary>One run of a registration, for a drop or for companions that came late: only the sequence.</summary>
internal sealed class RegisterRun(TaskOrchestrationContext context, DropInput drop)
{
    // After this many attempts, files that keep arriving count as late.
    private const int MaxTakes = 5;

    /// <summary>
    /// The engine truncates waits to whole seconds: without this the drop would be checked repeatedly during its last second.
    /// </summary>
    private static readonly TimeSpan TimerSlack = TimeSpan.FromSeconds(1);

    private readonly ProgressReporter _progress = new(context);
    private readonly WorkflowTurn _turn = new(context, drop.Operation);

    private ModelName? _model;
    private bool _hasSlot;
    private IReadOnlyDictionary<string, string>? _taken;

    public async Task<OperationResult> RunAsync()
    {
        OperationResult result;
        try
        {
            result = await RegisterAsync();
        }
        catch (TaskFailedException exception)
        {
            // The platform's fault, not the drop's. The owner is notified nevertheless; then the operation fails.
            string failure = exception.FailureDetails.ErrorMessage;
            string reason = $"The registration failed at '{_progress.Current}': {failure} Drop the model again to repeat it.";
            await FinishAsync(version: null, [reason]);
            throw;
        }

        await FinishAsync(result.Version, result.Outcome == OperationOutcome.Rejected ? result.Reasons : []);
        return result with { Taken = _taken };
    }

    private async Task<OperationResult> RegisterAsync()
    {
        IReadOnlyList<string> external = [];
        for (int take = 1; ; take++)
        {
            StageResult staged = await TakeAsync(new StageInput(drop, Again: take > 1, external));
            _taken = staged.Taken;
            if (staged.Superseded)
            {
                string reason = "The blob has changed since it was announced; the newer one is registered instead.";
                return new OperationResult(OperationOutcome.Superseded, null, [reason]);
            }

            if (staged.Violations.Count > 0 || staged.Model is not { } model)
            {
                return Reject(version: null, staged.Violations);
            }

            DateTimeOffset since = staged.DroppedAt!.Value;
            _progress.Begin(RegistrationSteps.Inspecting);
            InspectResult inspected = await context.CallActivityAsync<InspectResult>(
                nameof(RegisterActivities.InspectDrop), drop, ActivityOptions.Default);
            bool maySettle = take < MaxTakes && inspected.HasChanged;
            if (inspected.Violations.Count > 0 && drop.Drop.WaitsForFiles && (maySettle || inspected.MissingFiles.Except(external).Any()))
            {
                // Folder uploads are parallel: files that the graph refers to may arrive after the model.
                external = [.. external.Union(inspected.MissingFiles)];
                await LeaveSlotAsync();
                continue;
            }

            if (inspected.Violations.Count > 0)
            {
                return await RefuseAsync(model, since, inspected.Violations);
            }

            RegisterVersionResult registered = await RegisterVersionAsync(model, since, mustBeWhole: take < MaxTakes);
            if (registered.Refusal is { } refusal)
            {
                return await RefuseAsync(model, since, [refusal]);
            }

            if (registered.Version > 0)
            {
                return await DecideAsync(model, registered);
            }

            await LeaveSlotAsync();
        }
    }

    /// <summary>Waits until no more files of the drop arrive and it has a slot; then takes it.</summary>
    private async Task<StageResult> TakeAsync(StageInput input)
    {
        string? shown = null;
        TimeSpan? pause = null;
        _progress.Begin(RegistrationSteps.Staging, drop.Drop.Path);
        StageResult staged = await StageAsync(input);
        while (staged.Waits is not null || staged.Slot is { Works: false })
        {
            if (staged.Waits is { } waits)
            {
                await WaitForFilesAsync(waits, isNews: waits.Reason != shown);
                shown = waits.Reason;
            }
            else
            {
                pause = await _turn.WaitForSlotAsync(staged.Slot!, pause, _progress);
            }

            staged = await StageAsync(input with { Waited = pause is not null });
        }

        return staged;
    }

    private async Task<StageResult> StageAsync(StageInput input)
    {
        // The operation may have a place in the line even if the activity fails.
        bool had = _hasSlot;
        _hasSlot = true;
        StageResult staged = await context.CallActivityAsync<StageResult>(
            nameof(RegisterActivities.StageDrop), input, ActivityOptions.Default);
        _hasSlot = had || staged.Slot is not null;
        return staged;
    }

    /// <summary>Waits for files. If the operation already had a slot, it gives it up.</summary>
    private async Task WaitForFilesAsync(LookResult waits, bool isNews)
    {
        if (_hasSlot)
        {
            await LeaveSlotAsync();
        }

        if (isNews)
        {
            _progress.Begin(RegistrationSteps.Waiting, waits.Reason);
        }

        await context.CreateTimer(context.CurrentUtcDateTime + waits.Pause + TimerSlack, CancellationToken.None);
    }

    private async Task<RegisterVersionResult> RegisterVersionAsync(ModelName model, DateTimeOffset since, bool mustBeWhole)
    {
        _progress.Begin("registering");
        var input = new RegisterVersionInput(drop, mustBeWhole, Queue: _model is null ? model : null);

        // From here on, the operation may be in the queue even if the activity fails.
        _model = model;
        RegisterVersionResult registered = await CallAsync(input);
        if (!registered.Waits)
        {
            return registered;
        }

        await WaitForTurnAsync(model, since);
        _progress.Begin("registering");
        return await CallAsync(input with { Queue = null });

        Task<RegisterVersionResult> CallAsync(RegisterVersionInput registration) => context.CallActivityAsync<RegisterVersionResult>(
            nameof(RegisterActivities.RegisterVersion), registration, ActivityOptions.Default);
    }

    private async Task WaitForTurnAsync(ModelName model, DateTimeOffset since)
    {
        _progress.Begin(RegistrationSteps.Turn);
        _model = model;
        if (await _turn.EnterAsync(model, isDrop: true, beforeWaiting: LeaveSlotAsync))
        {
            // The rollout in front may have taken days. Now there is work again.
            _hasSlot = true;
            await _turn.EnterSlotAsync(SlotPool.Registration, since, _progress);
        }
    }

    /// <summary>Refuses a drop that cannot become a version. Late files that would refuse a drop also fail their version.</summary>
    private async Task<OperationResult> RefuseAsync(ModelName model, DateTimeOffset since, IReadOnlyList<string> reasons)
    {
        if (drop.Drop.Late is null)
        {
            return Reject(version: null, reasons);
        }

        if (_model is null)
        {
            await WaitForTurnAsync(model, since);
        }

        RegisterVersionResult? found = await context.CallActivityAsync<RegisterVersionResult?>(
            nameof(RegisterActivities.FindLateVersion), drop, ActivityOptions.Default);
        return found is null || found.IsOpen
            ? Reject(found?.Version, reasons)
            : await ConcludeAsync(new VersionInput(drop.Operation, model, found.Version, drop.Drop.Actor, Again: true), reasons);
    }

    /// <summary>Validates the version, and rolls it out unless that has already been decided.</summary>
    private async Task<OperationResult> DecideAsync(ModelName model, RegisterVersionResult registered)
    {
        if (registered is { Existing: true, Status: VersionStatus.Rejected })
        {
            return Reject(registered.Version, [$"The same bytes are already version {registered.Version}, which was rejected."]);
        }

        if (registered is { Existing: true, Failed: true })
        {
            string failed = $"The same bytes are already version {registered.Version}, "
                + "which failed its validation with files that came late.";
            return Reject(registered.Version, [failed]);
        }

        // If a version is not validated although it is our turn, its operation failed or was cancelled. This operation continues its work.
        if (registered is { Existing: true, IsOpen: false })
        {
            _progress.Begin("done", $"the same bytes are already version {registered.Version}");
            string reason = $"The same bytes are already version {registered.Version} ({registered.Status}).";
            return new OperationResult(OperationOutcome.Unchanged, registered.Version, [reason]);
        }

        var version = new VersionInput(
            drop.Operation, model, registered.Version, drop.Drop.Actor, Again: registered.Completed && !registered.IsOpen);
        var validation = new ValidationRun(context, _progress, version);
        ValidationResult validated = await validation.RunAsync();
        _hasSlot = false;
        if (version.Again)
        {
            return await ConcludeAsync(version, validated.Reasons);
        }

        if (validated.Reasons.Count > 0)
        {
            return Reject(registered.Version, validated.Reasons);
        }

        var rollout = new RolloutRequest(drop.Operation, model, registered.Version, drop.Drop.Actor, Reason: null, Overrides: null);
        RolloutResult rolledOut = await new RolloutRun(context, _progress, rollout).RunAsync();
        string[] reasons = rolledOut.Outcome == OperationOutcome.Done ? [] : [rolledOut.Explanation];
        return new OperationResult(rolledOut.Outcome, registered.Version, [.. reasons, .. validation.Unprofiled]);
    }

    /// <summary>Handles the result for a version that had been decided on before its late files arrived.</summary>
    private async Task<OperationResult> ConcludeAsync(VersionInput version, IReadOnlyList<string> reasons)
    {
        LateConclusion conclusion = await context.CallActivityAsync<LateConclusion>(
            nameof(RegisterActivities.ConcludeLate), new ConcludeLateInput(version, reasons), ActivityOptions.Default);
        if (reasons.Count == 0)
        {
            _progress.Begin("done", $"version {version.Version} passes with the late files");
            return new OperationResult(OperationOutcome.Done, version.Version, []);
        }

        if (conclusion.RollBackTo is { } to)
        {
            _progress.Begin("rolling back", reasons[0]);
            string why = $"Version {version.Version} failed its validation with files that came late: {reasons[0]}";
            var move = new RollBackVersionInput(drop.Operation, new RollBackInput(version.Model, to, drop.Drop.Actor, why));
            await context.CallActivityAsync<MoveResult>(nameof(RollBackActivities.RollBackChampion), move, ActivityOptions.Default);
        }

        return Reject(version.Version, conclusion.Explanation.Length == 0 ? reasons : [.. reasons, conclusion.Explanation]);
    }

    private OperationResult Reject(int? version, IReadOnlyList<string> reasons)
    {
        _progress.Begin("rejected", reasons[0]);
        return OperationResult.Rejected(version, reasons);
    }

    /// <summary>
    /// Writes the reasons of a refused drop for its owner, deletes the working copies, and passes the turn to the next workflow.
    /// </summary>
    private async Task FinishAsync(int? version, IReadOnlyList<string> reasons)
    {
        var input = new FinishDropInput(drop.Operation, drop.Drop, _model, _hasSlot, version, reasons);
        WorkflowTurn.Wake(context, await context.CallActivityAsync<IReadOnlyList<OperationId>>(
            nameof(RegisterActivities.FinishDrop), input, ActivityOptions.Default));
    }

    private async Task LeaveSlotAsync()
    {
        await _turn.LeaveSlotAsync(SlotPool.Registration);
        _hasSlot = false;
    }
}
