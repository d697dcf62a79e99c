using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle;

/// <summary>Lets workflows of one model run one after the other, in the order in which they asked.</summary>
internal static class WorkflowTurn
{
    private const string TurnEvent = "turn";

    /// <summary>
    /// How long a waiting workflow trusts that the one before it will wake it. Then it looks whether that one still runs. The pauses
    /// double up to the longest, so that a rollout of days does not fill the history of those behind it.
    /// </summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(30);

    /// <param name="isDrop">Whether the operation registers a drop, whose manifest may end the rollout in front of it.</param>
    public static async Task EnterAsync(TaskOrchestrationContext context, string model, bool isDrop)
    {
        var input = new WorkflowInput(model, context.InstanceId, isDrop);
        Task<string> woken = context.WaitForExternalEvent<string>(TurnEvent);
        TimeSpan pause = FirstPause;
        while (!await context.CallActivityAsync<bool>(nameof(WorkflowActivities.EnterWorkflow), input, ActivityOptions.Default))
        {
            if (await context.CompletesByAsync(woken, context.CurrentUtcDateTime + pause))
            {
                woken = context.WaitForExternalEvent<string>(TurnEvent);
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    public static async Task LeaveAsync(TaskOrchestrationContext context, string model)
    {
        var input = new WorkflowInput(model, context.InstanceId, IsDrop: false);
        Wake(context, await context.CallActivityAsync<string?>(nameof(WorkflowActivities.LeaveWorkflow), input, ActivityOptions.Default));
    }

    /// <param name="next">The operation whose turn it is now; null when none waits.</param>
    public static void Wake(TaskOrchestrationContext context, string? next)
    {
        if (next is not null)
        {
            context.SendEvent(next, TurnEvent, context.InstanceId);
        }
    }

    /// <summary>Wakes an operation from outside of an orchestration.</summary>
    public static Task WakeAsync(DurableTaskClient client, string operation, CancellationToken cancellationToken) =>
        client.RaiseEventAsync(operation, TurnEvent, "cancelled", cancellationToken);
}
