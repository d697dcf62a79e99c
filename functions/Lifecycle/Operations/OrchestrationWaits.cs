namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Waits of orchestrations.</summary>
internal static class OrchestrationWaits
{
    /// <summary>Waits for a task, at the longest until <paramref name="until"/> (UTC).</summary>
    /// <returns>Whether the task has completed. It stays open otherwise, so that an event that it waits for is not lost.</returns>
    public static async Task<bool> CompletesByAsync(this TaskOrchestrationContext context, Task task, DateTime until)
    {
        if (!task.IsCompleted && context.CurrentUtcDateTime < until)
        {
            // An orchestration does not end while a timer of its own is open.
            using var timer = new CancellationTokenSource();
            await Task.WhenAny(task, context.CreateTimer(until, timer.Token));
            timer.Cancel();
        }

        return task.IsCompleted;
    }
}
