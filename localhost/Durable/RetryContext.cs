namespace Modeldrop.LocalHost.Durable;

/// <summary>Whether a failed task is tried again. Runs in the orchestrator: it must be deterministic.</summary>
public delegate bool RetryHandler(RetryContext retryContext);

/// <summary>Whether a failed task is tried again; may await durable timers. Runs in the orchestrator: it must be deterministic.</summary>
public delegate Task<bool> AsyncRetryHandler(RetryContext retryContext);

/// <summary>What a retry handler decides on.</summary>
/// <param name="LastAttemptNumber">Counted from 1.</param>
/// <param name="TotalRetryTime">Time since the first try.</param>
public record RetryContext(
    TaskOrchestrationContext OrchestrationContext,
    int LastAttemptNumber,
    TaskFailureDetails LastFailure,
    TimeSpan TotalRetryTime,
    CancellationToken CancellationToken);
