namespace Modeldrop.LocalHost.Durable.Replay;

/// <summary>Calls a task again after failures. Runs in the orchestrator, on its durable timers.</summary>
internal static class RetryLoop
{
    public static Task<T> RunAsync<T>(TaskOrchestrationContext context, TaskRetryOptions retry, Func<Task<T>> call) =>
        retry.Policy is { } policy ? RunAsync(context, policy, call) : RunAsync(context, retry.Handler!, call);

    /// <summary>How long to wait after the given attempt failed; null: no more attempts.</summary>
    /// <param name="attempt">Counted from 1.</param>
    /// <param name="elapsed">Since the first attempt started.</param>
    public static TimeSpan? NextDelay(RetryPolicy policy, int attempt, TimeSpan elapsed)
    {
        if (attempt >= policy.MaxNumberOfAttempts || (policy.RetryTimeout != Timeout.InfiniteTimeSpan && elapsed >= policy.RetryTimeout))
        {
            return null;
        }

        TimeSpan longest = policy.MaxRetryInterval == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(3650) : policy.MaxRetryInterval;
        double ms = policy.FirstRetryInterval.TotalMilliseconds * Math.Pow(policy.BackoffCoefficient, attempt - 1);
        return ms < longest.TotalMilliseconds ? TimeSpan.FromMilliseconds(ms) : longest;
    }

    private static async Task<T> RunAsync<T>(TaskOrchestrationContext context, RetryPolicy policy, Func<Task<T>> call)
    {
        DateTime start = context.CurrentUtcDateTime;
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan delay;
            try
            {
                return await call();
            }
            catch (TaskFailedException exception)
                when (policy.ShouldRetry(exception.FailureDetails) && NextDelay(policy, attempt, context.CurrentUtcDateTime - start) is { } next)
            {
                delay = next;
            }

            await context.CreateTimer(delay, CancellationToken.None);
        }
    }

    private static async Task<T> RunAsync<T>(TaskOrchestrationContext context, AsyncRetryHandler handler, Func<Task<T>> call)
    {
        DateTime start = context.CurrentUtcDateTime;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (TaskFailedException exception)
            {
                var retry = new RetryContext(context, attempt, exception.FailureDetails, context.CurrentUtcDateTime - start, CancellationToken.None);
                if (!await handler(retry))
                {
                    throw;
                }
            }
        }
    }
}
