using Microsoft.Extensions.Logging;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Registration;

/// <summary>The steps of a registration. Each stores its effect under the operation's id, so that a repetition finds it.</summary>
public sealed partial class RegisterActivities(
    RegistrationService registration, LateCompanions late, WorkflowEntry entry, WorkflowQueue queue, WorkSlots slots,
    ILogger<RegisterActivities> logger)
{
    /// <summary>Number of logged reasons; the operation and <c>rejected.json</c> have all of them.</summary>
    private const int MaxLoggedReasons = 20;

    /// <summary>Takes the drop once its files have arrived and it has a slot.</summary>
    [Function(nameof(StageDrop))]
    public async Task<StageResult> StageDrop(
        [ActivityTrigger] StageInput input, [DurableClient] DurableTaskClient client, FunctionContext context)
    {
        CancellationToken cancellationToken = context.CancellationToken;
        while (true)
        {
            StageResult staged = await registration.StageAsync(input, cancellationToken);
            bool mayBeDead = input.Waited && staged.Slot is { Works: false };
            if (!mayBeDead || !await entry.RemoveDeadAsync(SlotPool.Registration, new DurableOperations(client), cancellationToken))
            {
                return staged;
            }
        }
    }

    [Function(nameof(InspectDrop))]
    public Task<InspectResult> InspectDrop([ActivityTrigger] DropInput input, FunctionContext context) =>
        registration.InspectAsync(input, context.CancellationToken);

    /// <summary>Waits in the queue of the model, or creates the version.</summary>
    [Function(nameof(RegisterVersion))]
    public async Task<RegisterVersionResult> RegisterVersion(
        [ActivityTrigger] RegisterVersionInput input, [DurableClient] DurableTaskClient client, FunctionContext context)
    {
        CancellationToken cancellationToken = context.CancellationToken;
        return input.Queue is { } model
            && !await entry.EnterAsync(
                new WorkflowInput(model, input.Drop.Operation, IsDrop: true), new DurableOperations(client), cancellationToken)
            ? RegisterVersionResult.Behind
            : await registration.RegisterVersionAsync(input.Drop, input.MustBeWhole, cancellationToken);
    }

    /// <returns>The version that late files belong to; null: none. Reads only.</returns>
    [Function(nameof(FindLateVersion))]
    public Task<RegisterVersionResult?> FindLateVersion([ActivityTrigger] DropInput input, FunctionContext context) =>
        registration.FindVersionAsync(input.Operation, context.CancellationToken);

    [Function(nameof(ConcludeLate))]
    public Task<LateConclusion> ConcludeLate([ActivityTrigger] ConcludeLateInput input, FunctionContext context) =>
        late.ConcludeAsync(input, context.CancellationToken);

    /// <summary>
    /// Writes the reasons of a refused drop for its owner, deletes the working copies, and leaves the slot and the queue of the model.
    /// </summary>
    /// <returns>The operations whose turn it is now. Idempotent.</returns>
    [Function(nameof(FinishDrop))]
    public async Task<IReadOnlyList<OperationId>> FinishDrop([ActivityTrigger] FinishDropInput input, FunctionContext context)
    {
        CancellationToken cancellationToken = context.CancellationToken;
        if (input.Reasons.Count > 0)
        {
            Log.Refused(logger, input.Drop.Path, input.Operation, string.Join(" ", input.Reasons.Take(MaxLoggedReasons)));
            await registration.RejectAsync(input, cancellationToken);
        }
        else if (input.Version is not null)
        {
            await registration.ClearRejectionAsync(input.Drop, cancellationToken);
        }

        await registration.FinishAsync(input.Operation, cancellationToken);
        IReadOnlyList<OperationId> next = input.HasSlot
            ? await slots.LeaveAsync(SlotPool.Registration, input.Operation, cancellationToken)
            : [];
        return input.Queue is { } model ? [.. next, .. await queue.LeaveAsync(model, input.Operation, cancellationToken)] : next;
    }

    private static partial class Log
    {
        [LoggerMessage(201, LogLevel.Warning, "Refused the drop {Path} (operation {Operation}): {Reasons}")]
        public static partial void Refused(ILogger logger, string path, OperationId operation, string reasons);
    }
}
