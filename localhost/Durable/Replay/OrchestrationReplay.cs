using Microsoft.Extensions.Logging;

namespace Modeldrop.LocalHost.Durable.Replay;

/// <summary>What a turn has come to.</summary>
/// <param name="Actions">What the code asks for, in order; the history grows by these.</param>
/// <param name="Completed">How the instance ended; null: it goes on.</param>
/// <param name="NextGeneration">The history of the generation that follows; null: the instance does not continue as new.</param>
/// <param name="CustomStatus">Not set: it stays what it was.</param>
internal sealed record TurnResult(
    IReadOnlyList<TaskAction> Actions,
    ExecutionCompleted? Completed,
    (string? Input, IReadOnlyList<HistoryEvent> Carried)? NextGeneration,
    (bool IsSet, string? Value) CustomStatus,
    OrchestrationRuntimeStatus Status)
{
    public static TurnResult Failed(Exception exception) => Ended(OrchestrationRuntimeStatus.Failed, null, TaskFailureDetails.FromException(exception));

    public static TurnResult Ended(OrchestrationRuntimeStatus status, string? output, TaskFailureDetails? failure) =>
        new([], new ExecutionCompleted(status, output, failure), null, default, status);
}

/// <summary>Runs orchestrator code from its beginning through its history and through what has arrived now. Synchronous; one turn per object.</summary>
internal sealed class OrchestrationReplay
{
    private readonly OrchestratorFunction _function;
    private readonly ExecutionStarted _started;
    private readonly DataConverter _converter;
    private readonly ReplayScheduler _scheduler;
    private readonly ReplayContext _context;
    private readonly Queue<HistoryEvent> _held = new();
    private Task<object?>? _code;
    private bool _suspended;
    private bool _violated;
    private ExecutionTerminated? _terminated;
    private DateTimeOffset _now;

    private OrchestrationReplay(
        OrchestratorFunction function, RunIdentity run, ExecutionStarted started, DataConverter converter, ILoggerFactory loggers, Action onLateContinuation)
    {
        _function = function;
        _started = started;
        _converter = converter;
        _scheduler = new ReplayScheduler(onLateContinuation);
        _context = new ReplayContext(run, started, _scheduler, converter, loggers);
    }

    /// <param name="history">Begins with <see cref="ExecutionStarted"/>; all that is stored.</param>
    /// <param name="arrived">Begins with <see cref="TurnStarted"/>; not stored yet.</param>
    /// <param name="onLateContinuation">Called, on any thread, when something foreign continues the code after this turn.</param>
    public static TurnResult Run(
        OrchestratorFunction function,
        RunIdentity run,
        IReadOnlyList<HistoryEvent> history,
        IReadOnlyList<HistoryEvent> arrived,
        DataConverter converter,
        ILoggerFactory loggers,
        Action onLateContinuation)
    {
        var replay = new OrchestrationReplay(function, run, (ExecutionStarted)history[0], converter, loggers, onLateContinuation);
        try
        {
            replay.Replay(history, arrived);

            // Closed before it is judged: a foreign continuation is either seen by the result or reported as a late one.
            replay._scheduler.Close();
            return replay.Result();
        }
        catch (NonDeterministicOrchestratorException exception)
        {
            return TurnResult.Failed(exception);
        }
        finally
        {
            replay._scheduler.Close();
        }
    }

    private void Replay(IReadOnlyList<HistoryEvent> history, IReadOnlyList<HistoryEvent> arrived)
    {
        for (int number = 1; number < history.Count + arrived.Count && _terminated is null; number++)
        {
            bool replaying = number < history.Count;
            HistoryEvent next = replaying ? history[number] : arrived[number - history.Count];
            switch (next)
            {
                case TaskAction action:
                    _context.Asked.TryDequeue(out TaskAction? asked);
                    Determinism.Check(_started.Name, number, action, asked);
                    break;
                case TurnStarted turn:
                    _context.Asked.TryPeek(out TaskAction? early);
                    Determinism.CheckNothing(_started.Name, number, early);
                    _now = turn.At;
                    _context.StartTurn(turn.At, replaying);
                    StartIfDue();
                    break;
                default:
                    Take(next);
                    break;
            }
        }
    }

    private void Take(HistoryEvent next)
    {
        switch (next)
        {
            case ExecutionTerminated terminated:
                _terminated = terminated;
                break;
            case ExecutionSuspended:
                _suspended = true;
                break;
            case ExecutionResumed:
                _suspended = false;
                StartIfDue();
                while (!_suspended && _held.TryDequeue(out HistoryEvent? held))
                {
                    Take(held);
                }

                break;
            case AwaitViolated:
                _violated = true;
                break;
            case TaskOutcome or EventRaised when _suspended:
                _held.Enqueue(next);
                break;
            case TaskOutcome outcome:
                _scheduler.Run(() => _context.Settle(outcome));
                break;
            case EventRaised raised:
                _scheduler.Run(() => _context.Events.Raise(raised));
                break;
        }
    }

    private void StartIfDue()
    {
        if (_code is null && !_suspended && _now >= (_started.StartAt ?? DateTimeOffset.MinValue))
        {
            _scheduler.Run(() => _code = StartAsync());
        }
    }

    private async Task<object?> StartAsync() => await _function.RunAsync(_context, _started.Input);

    private TurnResult Result()
    {
        if (_terminated is not null)
        {
            return TurnResult.Ended(OrchestrationRuntimeStatus.Terminated, _terminated.Output, null);
        }

        if (_violated || _scheduler.Violated)
        {
            return TurnResult.Failed(new IllegalAwaitException(_started.Name));
        }

        if (_code is { IsCompleted: true })
        {
            return Finished(_code);
        }

        if (_code is not null && !_suspended && !_context.IsWaiting)
        {
            return TurnResult.Failed(new IllegalAwaitException(_started.Name));
        }

        OrchestrationRuntimeStatus status = _suspended ? OrchestrationRuntimeStatus.Suspended
            : _code is null ? OrchestrationRuntimeStatus.Pending
            : OrchestrationRuntimeStatus.Running;
        return new TurnResult([.. _context.Asked], null, null, _context.CustomStatus, status);
    }

    private TurnResult Finished(Task<object?> code)
    {
        ExecutionCompleted completed;
        try
        {
            object? output = code.GetAwaiter().GetResult();
            if (_context.NextGeneration is { } next)
            {
                return new TurnResult([.. _context.Asked], null, (next.Input, Carried(next.PreserveEvents)), _context.CustomStatus, Ongoing());
            }

            completed = new ExecutionCompleted(OrchestrationRuntimeStatus.Completed, _converter.Serialize(output), null);
        }
        catch (Exception exception)
        {
            completed = new ExecutionCompleted(OrchestrationRuntimeStatus.Failed, null, TaskFailureDetails.FromException(exception));
        }

        return new TurnResult([.. _context.Asked], completed, null, _context.CustomStatus, completed.Status);
    }

    /// <summary>What the next generation finds when it starts: events that nobody took, and a suspension that came too late for this one.</summary>
    private List<HistoryEvent> Carried(bool preserveEvents)
    {
        var carried = new List<HistoryEvent>();
        if (_suspended)
        {
            carried.Add(new ExecutionSuspended(null));
        }

        if (preserveEvents)
        {
            carried.AddRange(_context.Events.Unclaimed);
            carried.AddRange(_held.OfType<EventRaised>());
        }

        return carried;
    }

    private OrchestrationRuntimeStatus Ongoing() => _suspended ? OrchestrationRuntimeStatus.Suspended : OrchestrationRuntimeStatus.Running;
}
