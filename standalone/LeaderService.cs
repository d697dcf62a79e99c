using Microsoft.Extensions.Logging;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone;

/// <summary>Runs some functions while this host leads, each in a loop of its own that survives failures of the store.</summary>
internal abstract partial class LeaderService(
    IReadOnlyList<StandaloneFunction> functions,
    ILeadership leadership,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger logger) : BackgroundService
{
    private static readonly TimeSpan PauseAfterStoreFailure = TimeSpan.FromSeconds(2);

    // Runs continue when the host is asked to stop; this token ends them when their time is up.
    private readonly CancellationTokenSource _abort = new();

    /// <summary>Cancelled when a stopping host has no more time for running functions.</summary>
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

    /// <summary>Runs a function's trigger until one of the tokens is cancelled.</summary>
    /// <param name="leading">Cancelled when the lead is lost: running functions must end.</param>
    /// <param name="stopping">Cancelled when the host stops: no new run starts.</param>
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
                // Stopping, or another host leads: the code above handles both.
            }
            catch (Exception exception)
            {
                // The storage SDK throws many exceptions when the store is unavailable; none of them may end the host.
                Log.StoreFailed(logger, exception, function.Name);
                await Task.Delay(PauseAfterStoreFailure, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9033, LogLevel.Warning, "The store failed for the trigger of function {Function}; the host tries again.")]
        public static partial void StoreFailed(ILogger logger, Exception exception, string function);
    }
}
