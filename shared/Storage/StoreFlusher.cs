using Microsoft.Extensions.Hosting;
using Modeldrop.Errors;

namespace Modeldrop.Storage;

/// <summary>Writes what this process has counted, at an interval.</summary>
/// <remarks>
/// A killed process loses its last interval; one that is stopped writes it first. While the store does not answer, counts stay in memory
/// and are written later.
/// </remarks>
internal abstract class StoreFlusher(TimeSpan interval, TimeProvider clock) : BackgroundService
{
    private bool _failing;

    protected TimeProvider Clock => clock;

    /// <summary>Writes what has changed since it was last written.</summary>
    internal abstract Task FlushAsync(CancellationToken cancellationToken);

    /// <summary>Says that counts cannot be written; called once until they can.</summary>
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
            // Kept and tried again; said once, not at every try.
            if (!_failing && !cancellationToken.IsCancellationRequested)
            {
                LogFailure(exception);
            }

            _failing = true;
        }
    }
}
