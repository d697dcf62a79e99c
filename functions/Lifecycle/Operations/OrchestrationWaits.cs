namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Waits of orchestrations.</summary>
internal static class OrchestrationWaits
{
    /// <summary>Waits for a task, at most until <paramref name="until"/> (UTC).</summary>
    /// <returns>Whether the task has completed. Otherwise it stays open, so that its event is not lost.</returns>
    public static async Task<bool> CompletesByAsync(this TaskOrchestrationContext context, Task task, DateTime until)
    {
        if (!task.IsCompleted && context.CurrentUtcDateTime < until)
        {
            // An orchestration does not end while one of its timers is open.
            using var timer = new CancellationTokenSource();
            await Task.WhenAny(task, context.CreateTimer(until, timer.Token));
            timer.Cancel();
        }

        return task.IsCompleted;
    }
}
