using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Rollouts;

namespace Modeldrop.Functions.Lifecycle.Rollout;

/// <summary>The steps of a rollout. Each writes once under its operation, so that a repetition changes nothing.</summary>
public sealed class RolloutActivities(RolloutService rollouts)
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

    /// <remarks>A repetition reminds twice.</remarks>
    [Function(nameof(RemindOfApproval))]
    public Task RemindOfApproval([ActivityTrigger] ReminderInput input)
    {
        rollouts.Remind(input);
        return Task.CompletedTask;
    }
}
