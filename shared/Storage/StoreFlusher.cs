using Microsoft.Extensions.Hosting;
using Modeldrop.Errors;

namespace Modeldrop.Storage;

/// <summary>Writes the counts of this process at an interval.</summary>
/// <remarks>
/// A killed process loses its last interval; a process that stops writes it first. While the store is unavailable, counts stay in memory
/// and are written later.
/// </remarks>
internal abstract class StoreFlusher(TimeSpan interval, TimeProvider clock) : BackgroundService
{
    private bool _failing;

    protected TimeProvider Clock => clock;

    /// <summary>Writes the counts that have changed since the last write.</summary>
    internal abstract Task FlushAsync(CancellationToken cancellationToken);

    /// <summary>Logs that counts cannot be written; called once for each outage.</summary>
    protected abstract void LogFailure(Exception exception);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryFlushAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        while (await timer.NextAsync(stoppingToken))
        {
            await TryFlushAsync(stoppingToken);
        }
    }

    private async Task TryFlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(cancellationToken);
            _failing = false;
        }
        catch (Exception exception) when (exception is ServiceException or OperationCanceledException)
        {
            // The counts stay in memory for the next attempt; the failure is logged once, not at every attempt.
            if (!_failing && !cancellationToken.IsCancellationRequested)
            {
                LogFailure(exception);
            }

            _failing = true;
        }
    }
}
