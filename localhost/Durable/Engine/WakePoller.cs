using Azure;
using Microsoft.Extensions.Logging;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>Finds the messages that other hosts have left: one query at a time, seldom while there are none.</summary>
internal sealed partial class WakePoller(WakeTable table, DurableOptions options, TimeProvider clock, ILogger logger)
{
    private const double Growth = 1.5;

    /// <summary>How long after a row was first seen its message may still come: see <see cref="WakeTable"/>.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, (ETag ETag, long SeenAt)> _seen = [];

    /// <param name="wake">Gets each instance that is to look into its inbox.</param>
    public async Task RunAsync(Action<string> wake, CancellationToken stop)
    {
        TimeSpan interval = options.MinPollInterval;
        while (!stop.IsCancellationRequested)
        {
            bool found = false;
            try
            {
                found = await PollAsync(wake, stop);
                await Task.Delay(interval, clock, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.PollFailed(logger, exception);
                await Task.Delay(options.MaxPollInterval, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            interval = found ? options.MinPollInterval : TimeSpan.FromTicks(Math.Min((long)(interval.Ticks * Growth), options.MaxPollInterval.Ticks));
        }
    }

    /// <returns>Whether there was a row that had not been seen.</returns>
    internal async Task<bool> PollAsync(Action<string> wake, CancellationToken cancellationToken)
    {
        bool found = false;
        var settled = new List<Wake>();
        foreach (Wake row in await table.ListAsync(cancellationToken))
        {
            if (!_seen.TryGetValue(row.InstanceId, out (ETag ETag, long SeenAt) seen) || seen.ETag != row.ETag)
            {
                _seen[row.InstanceId] = (row.ETag, clock.GetTimestamp());
                found = true;
                wake(row.InstanceId);
            }
            else if (clock.GetElapsedTime(seen.SeenAt) >= Settling)
            {
                settled.Add(row);
            }
        }

        // A last look for a message that came late, then the row has done its duty.
        settled.ForEach(row => wake(row.InstanceId));
        await table.DeleteAsync(settled, cancellationToken);
        settled.ForEach(row => _seen.Remove(row.InstanceId));
        return found;
    }

    private static partial class Log
    {
        [LoggerMessage(720, LogLevel.Warning, "The messages of other hosts cannot be looked for; trying again.")]
        public static partial void PollFailed(ILogger logger, Exception exception);
    }
}
