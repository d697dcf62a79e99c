using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Rollout;

/// <summary>The steps of a rollout. Each writes once under its operation, so that a repetition changes nothing.</summary>
public sealed class RolloutActivities(RolloutService rollouts, RegistrationService registration, WorkflowQueue queue)
{
    /// <remarks>Reads only; the orchestration keeps what it was told first.</remarks>
    [Function(nameof(PlanRollout))]
    public Task<RolloutPlan> PlanRollout([ActivityTrigger] RolloutRequest input, FunctionContext context) =>
        rollouts.PlanAsync(input, context.CancellationToken);

    [Function(nameof(ShiftTraffic))]
    public Task ShiftTraffic([ActivityTrigger] ShiftInput input, FunctionContext context) => rollouts.ShiftAsync(input, context.CancellationToken);

    /// <remarks>Reads only.</remarks>
    [Function(nameof(EvaluateGate))]
    public Task<GateReport> EvaluateGate([ActivityTrigger] GateInput input, FunctionContext context) => rollouts.EvaluateAsync(input, context.CancellationToken);

    [Function(nameof(FinishRollout))]
    public Task<FinishRolloutResult> FinishRollout([ActivityTrigger] FinishRolloutInput input, FunctionContext context) =>
        rollouts.FinishAsync(input, context.CancellationToken);

    [Function(nameof(EndRollout))]
    public Task EndRollout([ActivityTrigger] EndRolloutInput input, FunctionContext context) => rollouts.EndAsync(input, context.CancellationToken);

    /// <remarks>A repetition reminds twice, which harms nobody.</remarks>
    [Function(nameof(RemindOfApproval))]
    public Task RemindOfApproval([ActivityTrigger] ReminderInput input)
    {
        rollouts.Remind(input);
        return Task.CompletedTask;
    }

    /// <summary>Ends the rollout of the operation that works on the model now, when the new drop's manifest wants that.</summary>
    /// <remarks>A repetition sends the event again; whoever has ended ignores it.</remarks>
    [Function(nameof(SupersedeRollout))]
    public async Task SupersedeRollout([ActivityTrigger] DropInput input, [DurableClient] DurableTaskClient client, FunctionContext context)
    {
        ModelName? model = await registration.FindSupersededAsync(input.Operation, context.CancellationToken);
        if (model is { } name && await queue.ListAsync(name, context.CancellationToken) is [var first, ..] && first != input.Operation)
        {
            var signal = new RolloutSignal(RolloutSignalKind.Supersede, input.Operation, "A new drop has arrived, and its manifest says that it does not wait.");
            await client.RaiseEventAsync(OperationId.Child(first, OperationKind.Promote), RolloutSignal.EventName, signal, context.CancellationToken);
        }
    }
}
