using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Drops;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Register;

/// <summary>The steps of a registration. Each stores its effect under the operation's id, so that a repetition finds it.</summary>
public sealed class RegisterActivities(RegistrationService registration, LateCompanions late, WorkflowQueue queue)
{
    /// <remarks>Reads only.</remarks>
    [Function(nameof(LookAtDrop))]
    public Task<LookResult> LookAtDrop([ActivityTrigger] LookInput input, FunctionContext context) =>
        registration.LookAsync(input, context.CancellationToken);

    [Function(nameof(StageDrop))]
    public Task<StageResult> StageDrop([ActivityTrigger] StageInput input, FunctionContext context) =>
        registration.StageAsync(input.Drop, input.Again, context.CancellationToken);

    [Function(nameof(InspectDrop))]
    public Task<InspectResult> InspectDrop([ActivityTrigger] DropInput input, FunctionContext context) =>
        registration.InspectAsync(input, context.CancellationToken);

    [Function(nameof(RegisterVersion))]
    public Task<RegisterVersionResult> RegisterVersion([ActivityTrigger] RegisterVersionInput input, FunctionContext context) =>
        registration.RegisterVersionAsync(input.Drop, input.MustBeWhole, context.CancellationToken);

    /// <returns>The version that late files belong to; null: none. Reads only.</returns>
    [Function(nameof(FindLateVersion))]
    public Task<RegisterVersionResult?> FindLateVersion([ActivityTrigger] string operation, FunctionContext context) =>
        registration.FindVersionAsync(operation, context.CancellationToken);

    [Function(nameof(ConcludeLate))]
    public Task<LateConclusion> ConcludeLate([ActivityTrigger] ConcludeLateInput input, FunctionContext context) =>
        late.ConcludeAsync(input, context.CancellationToken);

    /// <returns>Why the version goes without a new profile; empty when it has one or needs none.</returns>
    [Function(nameof(ProfileReference))]
    public Task<IReadOnlyList<string>> ProfileReference([ActivityTrigger] VersionInput input, FunctionContext context) =>
        registration.ProfileReferenceAsync(input, context.CancellationToken);

    /// <summary>Tells the owner of a refused drop why, removes the working copies, and leaves the queue of the model.</summary>
    /// <returns>The operation whose turn it is now; null when none waits. Idempotent.</returns>
    [Function(nameof(FinishDrop))]
    public async Task<string?> FinishDrop([ActivityTrigger] FinishDropInput input, FunctionContext context)
    {
        CancellationToken cancellationToken = context.CancellationToken;
        if (input.Reasons.Count > 0)
        {
            await registration.RejectAsync(input, cancellationToken);
        }
        else if (input.Version is not null)
        {
            await registration.ClearRejectionAsync(input.Drop, cancellationToken);
        }

        await registration.FinishAsync(input.Operation, cancellationToken);
        return input.Queue is { } model ? await queue.LeaveAsync(ModelName.Parse(model), input.Operation, cancellationToken) : null;
    }
}
