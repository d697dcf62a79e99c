using Azure;
using Microsoft.Extensions.Logging;
using Modeldrop.LocalHost.Durable.Replay;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>What a leader does from taking over until it loses the lead or the host stops. One object per lead.</summary>
internal sealed partial class LeaderSession : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly DurableStore _store;
    private readonly InstanceQueries _queries;
    private readonly DurableOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly TurnQueue _queue;
    private readonly ActivityPool _activities;
    private readonly TimerQueue _timers;
    private readonly WakePoller _poller;
    private readonly InstanceTurn _turn;

    public LeaderSession(
        DurableStore store,
        InstanceQueries queries,
        WakeTable wakes,
        DurableFunctions functions,
        DataConverter converter,
        InstanceSignals signals,
        DurableOptions options,
        TimeProvider clock,
        ILoggerFactory loggers)
    {
        _store = store;
        _queries = queries;
        _options = options;
        _clock = clock;
        _logger = loggers.CreateLogger<LeaderSession>();
        _queue = new TurnQueue(options.MaxCachedChars);
        _activities = new ActivityPool(functions, converter, loggers.CreateLogger<ActivityPool>());
        _timers = new TimerQueue(clock);
        _poller = new WakePoller(wakes, options, clock, loggers.CreateLogger<WakePoller>());
        _turn = new InstanceTurn(
            store, functions, converter, clock, loggers, _queue, _activities, _timers, signals, session: Guid.NewGuid().ToString("N"));
    }

    public void Wake(string instanceId) => _queue.Wake(instanceId);

    /// <summary>Works until one of the tokens is cancelled.</summary>
    /// <param name="lost">The lead is lost: everything ends at once.</param>
    /// <param name="stop">The host stops: no new turns and activities; what runs finishes, and its outcomes are stored.</param>
    /// <param name="abort">The host does not wait any longer.</param>
    public async Task RunAsync(CancellationToken lost, CancellationToken stop, CancellationToken abort)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(lost, stop);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(lost, abort);
        Task polling = _poller.RunAsync(_queue.Wake, ended.Token);
        Task recovery = RecoverAsync(ended.Token);
        Task turns = Task.WhenAll(Enumerable.Range(0, _options.MaxConcurrentTurns)
            .Select(_ => Task.Run(() => _queue.RunAsync(live => TurnAsync(live, cancelled.Token), ended.Token), CancellationToken.None)));
        Task activities = Task.WhenAll(Enumerable.Range(0, _options.ActivityWorkers)
            .Select(_ => Task.Run(() => _activities.RunAsync(Done, ended.Token, cancelled.Token), CancellationToken.None)));

        Task everything = Task.WhenAll(polling, recovery, turns, activities);

        // An activity that does not heed its token must not keep a host from leading again, or from stopping.
        await everything.WaitAsync(cancelled.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (everything.IsFaulted)
        {
            await everything;
        }

        if (!cancelled.IsCancellationRequested)
        {
            await StoreOutcomesAsync(cancelled.Token);
        }
    }

    public void Dispose() => _timers.Dispose();

    /// <summary>Takes everything in hand that has not finished, or has not finished sending.</summary>
    private async Task RecoverAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait = FirstRetry;
        while (true)
        {
            try
            {
                int count = 0;
                await foreach (string instanceId in _queries.ListUnfinishedAsync(cancellationToken))
                {
                    _queue.Wake(instanceId);
                    count++;
                }

                Log.Recovered(_logger, count);
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.RecoveryFailed(_logger, exception);
                await Task.Delay(wait, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                wait = wait * 2 < LongestRetry ? wait * 2 : LongestRetry;
            }
        }
    }

    private async Task<TurnEnd> TurnAsync(LiveInstance live, CancellationToken cancellationToken)
    {
        try
        {
            return await _turn.RunAsync(live, cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return TurnEnd.Idle;
        }
        catch (Exception exception)
        {
            // One instance's trouble is not the others'. What is stored is unknown now, so it is read again.
            live.Forget();
            live.RequestInbox();
            TimeSpan wait = FirstRetry * Math.Pow(2, Math.Min(live.Failures++, 7));
            wait = wait < LongestRetry ? wait : LongestRetry;
            Log.TurnFailed(_logger, exception, live.InstanceId, wait, (exception as RequestFailedException)?.Status);
            _timers.Arm(_clock.GetUtcNow() + wait, () => _queue.Enqueue(live));
            return TurnEnd.Idle;
        }
    }

    private void Done(ActivityCall call, TaskOutcome outcome)
    {
        call.Instance.Outcomes.Enqueue(outcome);
        _queue.Enqueue(call.Instance);
    }

    /// <summary>Puts the outcomes that no turn has taken into the inboxes, so that the next leader need not run the activities again.</summary>
    private async Task StoreOutcomesAsync(CancellationToken cancellationToken)
    {
        foreach (LiveInstance live in _queue.All())
        {
            foreach (TaskOutcome outcome in live.Outcomes.OfType<TaskOutcome>().Where(outcome => outcome is TaskCompleted or TaskFailed))
            {
                string id = $"{outcome.Execution}.{outcome.TaskId}.outcome";
                await _store.SendAsync(
                    live.InstanceId, RowKeys.Message(_clock.GetUtcNow(), outcome.TaskId, id), outcome with { MessageId = id }, cancellationToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(700, LogLevel.Information, "This host runs orchestrations; {Count} have not finished and go on.")]
        public static partial void Recovered(ILogger logger, int count);

        [LoggerMessage(701, LogLevel.Warning, "The orchestrations that have not finished cannot be listed; trying again.")]
        public static partial void RecoveryFailed(ILogger logger, Exception exception);

        [LoggerMessage(702, LogLevel.Warning, "Orchestration '{InstanceId}' could not be advanced (storage status {Status}); trying again in {Wait}.")]
        public static partial void TurnFailed(ILogger logger, Exception exception, string instanceId, TimeSpan wait, int? status);
    }
}
