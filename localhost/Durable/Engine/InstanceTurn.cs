using Azure;
using Microsoft.Extensions.Logging;
using Modeldrop.LocalHost.Durable.Replay;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>Advances an instance: read what came, replay, commit, send, start what is to run.</summary>
/// <remarks>
/// The commit is the one point at which something happens. Everything before it can be repeated, and everything after it (messages to others,
/// activities, timers) is derived from the history, so a host that takes over does it (again), and receivers drop second copies.
/// </remarks>
internal sealed partial class InstanceTurn(
    DurableStore store,
    DurableFunctions functions,
    DataConverter converter,
    TimeProvider clock,
    ILoggerFactory loggers,
    TurnQueue queue,
    ActivityPool activities,
    TimerQueue timers,
    InstanceSignals signals,
    string session)
{
    private const int ParallelStarts = 8;

    /// <summary>The key of the alarm that starts an instance; tasks count from 0.</summary>
    private const int StartAlarm = -1;

    private readonly ILogger _logger = loggers.CreateLogger<InstanceTurn>();

    /// <summary>One turn.</summary>
    /// <exception cref="RequestFailedException">Storage failed, or another host has advanced the instance: forget what was read, and try again.</exception>
    public async Task<TurnEnd> RunAsync(LiveInstance live, CancellationToken cancellationToken)
    {
        bool look = live.TakeInboxRequest();
        IReadOnlyList<InboxMessage> inbox = [];
        var wakes = new HashSet<string>();
        if (live.Row is null || (live.Row.IsFinished && look))
        {
            if (await LoadAsync(live, wakes, cancellationToken) is not { } loaded)
            {
                return TurnEnd.Finished;
            }

            inbox = loaded;
        }
        else if (look)
        {
            inbox = await store.ReadInboxAsync(live.InstanceId, cancellationToken);
        }

        TurnEnd end = live.Row!.IsFinished
            ? await FinishAsync(live, inbox, cancellationToken)
            : await AdvanceAsync(live, inbox, wakes, cancellationToken);

        // Only now, when what was sent will not be sent again; and if anything has failed before this line, it is sent again with all its wakes.
        foreach (string instanceId in wakes)
        {
            queue.Wake(instanceId);
        }

        live.NeedsDelivery = false;
        live.Failures = 0;
        return end;
    }

    /// <returns>The inbox; null: there is no such instance.</returns>
    private async Task<IReadOnlyList<InboxMessage>?> LoadAsync(LiveInstance live, HashSet<string> wakes, CancellationToken cancellationToken)
    {
        StoredInstance? stored = await store.LoadAsync(live.InstanceId, cancellationToken);
        if (stored is null)
        {
            IReadOnlyList<InboxMessage> orphans = await store.ReadInboxAsync(live.InstanceId, cancellationToken);

            // Looked at again after the messages were read: an instance that comes into being later can own none of them.
            stored = await store.LoadAsync(live.InstanceId, cancellationToken);
            if (stored is null)
            {
                await store.DeleteMessagesAsync(live.InstanceId, orphans, cancellationToken);
                Log.NoSuchInstance(_logger, live.InstanceId, orphans.Count);
                live.Forget();
                return null;
            }
        }

        InstanceRow row = stored.Row;
        if (!row.IsDone && row.Session is not null && row.Session != session)
        {
            // A host that led before us may still believe that it does: with another ETag its next commit fails.
            row = await store.UpdateAsync(row with { Session = session }, cancellationToken);
        }

        if (live.Row?.StartId != row.StartId)
        {
            live.DetachedDone.Clear();
        }

        live.Set(row, stored.History);
        if (stored.HasLeftovers)
        {
            await store.DeleteEarlierRunsAsync(row, cancellationToken);
        }

        if (live.NeedsDelivery)
        {
            await DeliverAsync(live, wakes, cancellationToken);
        }

        return stored.Inbox;
    }

    private async Task<TurnEnd> AdvanceAsync(
        LiveInstance live, IReadOnlyList<InboxMessage> inbox, HashSet<string> wakes, CancellationToken cancellationToken)
    {
        InstanceRow row = live.Row!;
        HistoryEvent[] outcomes = [.. live.Outcomes];
        List<HistoryEvent> arrived = Arrivals.Select(row, live.History, inbox, outcomes);
        DateTimeOffset now = clock.GetUtcNow();
        if (arrived.Count == 0 && !MustStart(live, now))
        {
            await store.DeleteMessagesAsync(live.InstanceId, inbox, cancellationToken);
            live.Discard(outcomes);
            Reconcile(live, now);
            return TurnEnd.Idle;
        }

        // The clock may have been set back; the code's time never goes back.
        arrived.Insert(0, new TurnStarted(now > row.UpdatedAt ? now : row.UpdatedAt));
        TurnResult result = Replay(live, row, arrived);
        TurnCommit commit = TurnCommit.Of(row with { Session = session }, live.History, arrived, result);
        live.NeedsDelivery = true;
        InstanceRow committed = await store.CommitAsync(
            commit.Row, [.. commit.History.Skip(commit.History.Count - commit.NewEvents)], inbox, cancellationToken);
        live.Discard(outcomes);
        live.Set(committed, commit.History);
        Log.Turn(_logger, committed.Name, live.InstanceId, committed.Status, commit.NewEvents);
        if (committed.Failure is { } failure)
        {
            Log.Failed(_logger, committed.Name, live.InstanceId, failure.ErrorType, failure.ErrorMessage);
        }

        await DeliverAsync(live, wakes, cancellationToken);
        if (committed.IsFinished)
        {
            TurnEnd end = await FinishAsync(live, [], cancellationToken);
            signals.Changed(live.InstanceId);
            return end;
        }

        signals.Changed(live.InstanceId);
        if (commit.ContinuesAsNew)
        {
            await store.DeleteEarlierRunsAsync(committed, cancellationToken);
            StartActivities(live, row.Execution, result.Actions.OfType<TaskScheduled>());
        }

        Reconcile(live, now);
        return commit.ContinuesAsNew ? TurnEnd.Again : TurnEnd.Idle;
    }

    private static bool MustStart(LiveInstance live, DateTimeOffset now)
    {
        InstanceRow row = live.Row!;
        DateTimeOffset startAt = row.StartAt ?? DateTimeOffset.MinValue;
        return row.Status != OrchestrationRuntimeStatus.Suspended
            && now >= startAt
            && !live.History.Any(happened => happened is TurnStarted turn && turn.At >= startAt);
    }

    private TurnResult Replay(LiveInstance live, InstanceRow row, List<HistoryEvent> arrived)
    {
        if (!functions.Orchestrators.TryGetValue(row.Name, out OrchestratorFunction? function))
        {
            return TurnResult.Failed(new InvalidOperationException($"There is no orchestrator '{row.Name}' in this app."));
        }

        return OrchestrationReplay.Run(
            function,
            new RunIdentity(row.InstanceId, row.Execution),
            live.History,
            arrived,
            converter,
            loggers,
            onLateContinuation: () => Post(live, new AwaitViolated(row.Execution)));
    }

    private void Post(LiveInstance live, HistoryEvent happened)
    {
        live.Outcomes.Enqueue(happened);
        queue.Enqueue(live);
    }

    /// <summary>Sends what the last turn sends: starts first, so that a message to a new instance finds it.</summary>
    private async Task DeliverAsync(LiveInstance live, HashSet<string> wakes, CancellationToken cancellationToken)
    {
        InstanceRow row = live.Row!;
        List<Delivery> deliveries = row is { IsFinished: true, Outbox: false } ? [] : Outgoing.Of(row, live.History);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ParallelStarts, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(deliveries.OfType<StartDelivery>(), parallel, async (start, cancellation) =>
        {
            (StartOutcome outcome, OrchestrationRuntimeStatus status) = await store.StartAsync(start.Instance, start.Started, cancellation);
            if (outcome == StartOutcome.IdInUse)
            {
                var inUse = new OrchestrationAlreadyExistsException(start.InstanceId, status);
                Post(live, new TaskFailed(start.TaskId, start.Execution, TaskFailureDetails.FromException(inUse)));
            }
        });

        foreach (MessageDelivery delivery in deliveries.OfType<MessageDelivery>())
        {
            await store.SendAsync(delivery.InstanceId, delivery.RowKey, delivery.Message, cancellationToken);
        }

        wakes.UnionWith(deliveries.Select(delivery => delivery.InstanceId));
    }

    /// <summary>The instance has ended, and what it sends is sent: activities that nobody awaited still run to their end.</summary>
    private async Task<TurnEnd> FinishAsync(LiveInstance live, IReadOnlyList<InboxMessage> inbox, CancellationToken cancellationToken)
    {
        InstanceRow row = live.Row!;
        HistoryEvent[] outcomes = [.. live.Outcomes];
        live.DetachedDone.UnionWith(outcomes.OfType<TaskOutcome>().Where(outcome => outcome.Execution == row.Execution).Select(outcome => outcome.TaskId));
        live.Discard(outcomes);
        live.CancelAlarms(_ => true);

        await DropMessagesAsync(row, inbox, cancellationToken);

        List<TaskScheduled> running = row.Detached
            ? [.. PendingWork.Of(live.History).Activities.Values.Where(scheduled => !live.DetachedDone.Contains(scheduled.TaskId))]
            : [];
        StartActivities(live, row.Execution, running);
        if (row.Outbox || (row.Detached && running.Count == 0))
        {
            live.Set(await store.UpdateAsync(row with { Outbox = false, Detached = running.Count > 0 }, cancellationToken), live.History);
        }

        return live.Activities.Count == 0 ? TurnEnd.Finished : TurnEnd.Idle;
    }

    /// <summary>Nobody takes what still comes to a finished instance: a child's answer to a terminated parent, an event that came too late.</summary>
    private async Task DropMessagesAsync(InstanceRow finished, IReadOnlyList<InboxMessage> inbox, CancellationToken cancellationToken)
    {
        // Later ones may be meant for an instance that has taken the id over. Looked at behind the inbox: one that does so later can own none of them.
        bool isTaken = inbox.Any(message => message.SentAt >= finished.UpdatedAt)
            && (await store.FindAsync(finished.InstanceId, cancellationToken))?.StartId != finished.StartId;
        await store.DeleteMessagesAsync(
            finished.InstanceId, isTaken ? [.. inbox.Where(message => message.SentAt < finished.UpdatedAt)] : inbox, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(710, LogLevel.Debug, "Orchestration '{Name}' ({InstanceId}) is {Status}; {Events} new events.")]
        public static partial void Turn(ILogger logger, string name, string instanceId, OrchestrationRuntimeStatus status, int events);

        [LoggerMessage(711, LogLevel.Error, "Orchestration '{Name}' ({InstanceId}) failed: {ErrorType}: {ErrorMessage}")]
        public static partial void Failed(ILogger logger, string name, string instanceId, string errorType, string errorMessage);

        [LoggerMessage(712, LogLevel.Debug, "There is no orchestration '{InstanceId}'; {Messages} messages to it are dropped.")]
        public static partial void NoSuchInstance(ILogger logger, string instanceId, int messages);
    }
}
