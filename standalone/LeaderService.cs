using Microsoft.Extensions.Logging;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone;

/// <summary>Works on some functions while this host leads, each in a loop of its own that no failure of the store ends.</summary>
internal abstract partial class LeaderService(
    IReadOnlyList<StandaloneFunction> functions,
    ILeadership leadership,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger logger) : BackgroundService
{
    private static readonly TimeSpan PauseAfterStoreFailure = TimeSpan.FromSeconds(2);

    // Runs go on when the host is told to stop; this ends them when the time for that is over.
    private readonly CancellationTokenSource _abort = new();

    /// <summary>Cancelled when a stopping host has no more time for the runs in progress.</summary>
    protected CancellationToken Abort => _abort.Token;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration abort = cancellationToken.Register(_abort.Cancel);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _abort.Dispose();
        base.Dispose();
    }

    /// <summary>Works on a function until one of the tokens is cancelled.</summary>
    /// <param name="leading">Cancelled when the lead is lost: runs in progress have to end.</param>
    /// <param name="stopping">Cancelled when the host stops: no new run begins.</param>
    protected abstract Task LeadAsync(StandaloneFunction function, CancellationToken leading, CancellationToken stopping);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await Task.WhenAll(functions.Select(function => LoopAsync(function, stopping.Token)));
    }

    private async Task LoopAsync(StandaloneFunction function, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                CancellationToken leading = await leadership.WaitUntilLeaderAsync(stopping);
                await LeadAsync(function, leading, stopping);
            }
            catch (OperationCanceledException)
            {
                // Stopping, or another host leads: both are seen above.
            }
            catch (Exception exception)
            {
                // The storage SDK has many exceptions for "does not answer"; none of them may end the host.
                Log.StoreFailed(logger, exception, function.Name);
                await Task.Delay(PauseAfterStoreFailure, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9033, LogLevel.Warning, "The store failed for the trigger of function {Function}; it is tried again.")]
        public static partial void StoreFailed(ILogger logger, Exception exception, string function);
    }
}
