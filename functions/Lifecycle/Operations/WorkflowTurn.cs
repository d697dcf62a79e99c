using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Lets an operation wait for others: for the workflows of its model, which run one after the other, and for a slot.</summary>
internal sealed class WorkflowTurn(TaskOrchestrationContext context, OperationId operation)
{
    /// <summary>
    /// How long a waiting operation relies on being woken by the one before it. Then it checks whether that one still runs. The pauses
    /// double up to the longest, so that a rollout of days does not fill the history of the operations behind it.
    /// </summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(30);

    /// <summary>Slots change hands within minutes: after a burst of drops, an earlier check would be one of hundreds.</summary>
    private static readonly TimeSpan FirstPauseForSlot = TimeSpan.FromMinutes(5);

    // One wait is always open: an abandoned wait would consume the event of a later one.
    private Task<string> _woken = context.WaitForExternalEvent<string>(TurnSignal.Name);

    /// <summary>Waits until the operation may work on its model.</summary>
    /// <param name="isDrop">Whether the operation registers a drop, whose manifest may end the rollout in front of it.</param>
    /// <param name="beforeWaiting">Runs once if the operation has to wait.</param>
    /// <returns>Whether it has waited.</returns>
    public async Task<bool> EnterAsync(ModelName model, bool isDrop, Func<Task>? beforeWaiting = null)
    {
        var input = new WorkflowInput(model, operation, isDrop);
        TimeSpan pause = FirstPause;
        bool waited = false;
        while (!await context.CallActivityAsync<bool>(nameof(WorkflowActivities.EnterWorkflow), input, ActivityOptions.Default))
        {
            if (!waited && beforeWaiting is not null)
            {
                await beforeWaiting();
            }

            waited = true;
            pause = await WaitAsync(pause);
        }

        return waited;
    }

    public async Task LeaveAsync(ModelName model)
    {
        var input = new WorkflowInput(model, operation, IsDrop: false);
        Wake(context, await context.CallActivityAsync<IReadOnlyList<OperationId>>(
            nameof(WorkflowActivities.LeaveWorkflow), input, ActivityOptions.Default));
    }

    /// <summary>Waits for a slot.</summary>
    public async Task EnterSlotAsync(SlotPool pool, DateTimeOffset since, ProgressReporter progress)
    {
        var input = new SlotInput(pool, operation, since);
        TimeSpan? pause = null;
        while (await context.CallActivityAsync<SlotTurn>(nameof(WorkflowActivities.EnterSlot), input, ActivityOptions.Default)
            is { Works: false } turn)
        {
            pause = await WaitForSlotAsync(turn, pause, progress);
        }
    }

    /// <summary>Waits before the slot is requested again.</summary>
    /// <param name="pause">Longest time, as the previous wait returned it; null: this is the first wait.</param>
    /// <returns>The next pause.</returns>
    public Task<TimeSpan> WaitForSlotAsync(SlotTurn turn, TimeSpan? pause, ProgressReporter progress)
    {
        if (pause is null)
        {
            progress.Begin(RegistrationSteps.Slot, $"{turn.Ahead} in front");
        }

        return WaitAsync(pause ?? FirstPauseForSlot);
    }

    public async Task LeaveSlotAsync(SlotPool pool)
    {
        var input = new SlotInput(pool, operation, default);
        Wake(context, await context.CallActivityAsync<IReadOnlyList<OperationId>>(
            nameof(WorkflowActivities.LeaveSlot), input, ActivityOptions.Default));
    }

    /// <param name="next">The operations whose turn it is now.</param>
    public static void Wake(TaskOrchestrationContext context, IReadOnlyList<OperationId> next)
    {
        foreach (OperationId woken in next)
        {
            context.SendEvent(woken.ToString(), TurnSignal.Name, context.InstanceId);
        }
    }

    /// <returns>The next pause.</returns>
    private async Task<TimeSpan> WaitAsync(TimeSpan pause)
    {
        if (await context.CompletesByAsync(_woken, context.CurrentUtcDateTime + pause))
        {
            _woken = context.WaitForExternalEvent<string>(TurnSignal.Name);
        }

        return pause * 2 < LongestPause ? pause * 2 : LongestPause;
    }
}
