using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle;

/// <summary>Lets workflows of one model run one after the other, in the order in which they asked.</summary>
internal static class WorkflowTurn
{
    private const string TurnEvent = "turn";

    /// <summary>How long a waiting workflow trusts that the one before it will wake it; then it looks whether that one still lives.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task EnterAsync(TaskOrchestrationContext context, string model)
    {
        var input = new WorkflowInput(model, context.InstanceId);
        while (!await context.CallActivityAsync<bool>(nameof(WorkflowActivities.EnterWorkflow), input, ActivityOptions.Default))
        {
            try
            {
                await context.WaitForExternalEvent<string>(TurnEvent, Patience);
            }
            catch (TaskCanceledException)
            {
                // Nobody woke us: look again.
            }
        }
    }

    public static async Task LeaveAsync(TaskOrchestrationContext context, string model)
    {
        var input = new WorkflowInput(model, context.InstanceId);
        string? next = await context.CallActivityAsync<string?>(nameof(WorkflowActivities.LeaveWorkflow), input, ActivityOptions.Default);
        if (next is not null)
        {
            context.SendEvent(next, TurnEvent, context.InstanceId);
        }
    }
}
