namespace Modeldrop.LocalHost;

/// <summary>How often the host repeats a failed run. Legal on timers only, as on the real host.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    /// <summary>Runs after the first one; -1 for no end.</summary>
    public int MaxRetryCount { get; set; }
}

/// <summary>The same pause before every repetition.</summary>
public sealed class FixedDelayRetryAttribute : RetryAttribute
{
    /// <param name="delayInterval">hh:mm:ss</param>
    public FixedDelayRetryAttribute(int maxRetryCount, string delayInterval)
    {
        MaxRetryCount = maxRetryCount;
        DelayInterval = delayInterval;
    }

    public string DelayInterval { get; }
}

/// <summary>Pauses that double from a minimum to a maximum.</summary>
public sealed class ExponentialBackoffRetryAttribute : RetryAttribute
{
    /// <param name="minimumInterval">hh:mm:ss</param>
    /// <param name="maximumInterval">hh:mm:ss</param>
    public ExponentialBackoffRetryAttribute(int maxRetryCount, string minimumInterval, string maximumInterval)
    {
        MaxRetryCount = maxRetryCount;
        MinimumInterval = minimumInterval;
        MaximumInterval = maximumInterval;
    }

    public string MinimumInterval { get; }

    public string MaximumInterval { get; }
}
