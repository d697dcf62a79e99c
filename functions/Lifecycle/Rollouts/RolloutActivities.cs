using Modeldrop.Lifecycle.Rollouts;

namespace Modeldrop.Functions.Lifecycle.Rollouts;

/// <summary>The steps of a rollout. Each writes once under its operation, so that a repetition changes nothing.</summary>
public sealed class RolloutActivities(RolloutService rollouts)
{
    /// <summary>Plans the rollout; one without approval and steps is carried out at once.</summary>
    /// <remarks>The orchestration keeps the first plan that it gets.</remarks>
    [Function(nameof(PlanRollout))]
    public async Task<RolloutPlan> PlanRollout([ActivityTrigger] RolloutRequest input, FunctionContext context)
    {
        RolloutPlan plan = await rollouts.PlanAsync(input, context.CancellationToken);
        var finish = new FinishRolloutInput(input, By: null, WithSplit: false);
        return plan.IsImmediate ? plan with { Finished = await rollouts.FinishAsync(finish, context.CancellationToken) } : plan;
    }

    [Function(nameof(ShiftTraffic))]
    public Task ShiftTraffic([ActivityTrigger] ShiftInput input, FunctionContext context) =>
        rollouts.ShiftAsync(input, context.CancellationToken);

    /// <remarks>Reads only.</remarks>
    [Function(nameof(EvaluateGate))]
    public Task<GateReport> EvaluateGate([ActivityTrigger] GateInput input, FunctionContext context) =>
        rollouts.EvaluateAsync(input, context.CancellationToken);

    [Function(nameof(FinishRollout))]
    public Task<FinishRolloutResult> FinishRollout([ActivityTrigger] FinishRolloutInput input, FunctionContext context) =>
        rollouts.FinishAsync(input, context.CancellationToken);

    [Function(nameof(EndRollout))]
    public Task EndRollout([ActivityTrigger] EndRolloutInput input, FunctionContext context) =>
        rollouts.EndAsync(input, context.CancellationToken);

    /// <remarks>A repetition reminds twice.</remarks>
    [Function(nameof(RemindOfApproval))]
    public Task RemindOfApproval([ActivityTrigger] ReminderInput input)
    {
        rollouts.Remind(input);
        return Task.CompletedTask;
    }
}
