using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Modeldrop.Events;

/// <summary>
/// Sends events as soon as this process has appended them, so that receivers need not wait for the timer. The timer sends the rest: events
/// of a process that died, and retries.
/// </summary>
/// <remarks>
/// It never polls: each round follows a change by this process, or a round that left events unsent. At most one round a second.
/// </remarks>
internal sealed partial class EventPrompter(
    EventSignal signal, EventDelivery delivery, TimeProvider clock, ILogger<EventPrompter> logger) : BackgroundService
{
    /// <summary>Collects the events that one step of an operation appends, so that they are sent together.</summary>
    public static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);

    /// <summary>The pause between two rounds.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest pause between rounds that leave events unsent; each pause is twice the last. After that the timer's round is near.
    /// </summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private const int MaxRepeats = 10;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await signal.WaitAsync(stoppingToken);
                await Task.Delay(Gathering, clock, stoppingToken);
                TimeSpan pause = Pause;
                for (int repeat = 0; await DeliverAsync(stoppingToken) && repeat < MaxRepeats; repeat++)
                {
                    await Task.Delay(pause, clock, stoppingToken);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                }

                await Task.Delay(Pause, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The rest is sent by another process, or after the next start.
        }
    }

    /// <returns>Whether another round may find more.</returns>
    private async Task<bool> DeliverAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await delivery.DeliverAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            // This loop runs as long as the process: it must survive every failure.
            Log.Failed(logger, exception);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5602, LogLevel.Warning, "Events could not be sent at once; the timer sends them")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
