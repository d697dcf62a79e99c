namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>How activities are repeated. They are idempotent, so a repetition is always safe.</summary>
internal static class ActivityOptions
{
    /// <summary>Five tries over about a minute: longer than a store's hiccup, shorter than a person's patience.</summary>
    public static TaskOptions Default { get; } = TaskOptions.FromRetryPolicy(
        new RetryPolicy(
            maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(2), backoffCoefficient: 2.5,
            maxRetryInterval: TimeSpan.FromSeconds(30)));
}
