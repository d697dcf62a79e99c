namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>The retry policy of activities. They are idempotent, so a retry is always safe.</summary>
internal static class ActivityOptions
{
    /// <summary>Five attempts over about a minute: longer than a short outage of the store, shorter than a person's patience.</summary>
    public static TaskOptions Default { get; } = TaskOptions.FromRetryPolicy(
        new RetryPolicy(
            maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(2), backoffCoefficient: 2.5,
            maxRetryInterval: TimeSpan.FromSeconds(30)));
}
