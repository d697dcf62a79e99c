using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Modeldrop.LocalHost.Durable.Replay;

/// <summary>Which run of which instance is replayed.</summary>
/// <param name="Execution">Names the run: another after each start and each continue-as-new.</param>
internal sealed record RunIdentity(string InstanceId, string Execution);

/// <summary>The context that replayed code talks to: keeps what the code asks for and the tasks that it waits for.</summary>
internal sealed class ReplayContext(
    RunIdentity run, ExecutionStarted started, ReplayScheduler scheduler, DataConverter converter, ILoggerFactory loggers) : TaskOrchestrationContext
{
    /// <summary>What Azure takes: 16 KB of UTF-16.</summary>
    private const int MaxCustomStatusChars = 8 * 1024;

    private readonly Dictionary<int, OpenTask> _open = [];
    private readonly Queue<TaskAction> _asked = new();
    private int _nextTaskId;
    private int _nextGuid;
    private DateTime _now;
    private bool _replaying = true;

    public override TaskName Name { get; } = started.Name;

    public override string InstanceId => run.InstanceId;

    public override ParentOrchestrationInstance? Parent { get; } =
        started.Parent is { } parent ? new ParentOrchestrationInstance(parent.Name, parent.InstanceId) : null;

    public override DateTime CurrentUtcDateTime => _now;

    public override bool IsReplaying => _replaying;

    /// <summary>What the code asked for since it was last held against the history.</summary>
    public Queue<TaskAction> Asked => _asked;

    public ExternalEvents Events { get; } = new();

    /// <summary>Whether anything durable can still continue the code.</summary>
    public bool IsWaiting => _open.Count > 0 || Events.WaitingCount > 0;

    /// <summary>Whether the code has set a custom status in this generation, and which.</summary>
    public (bool IsSet, string? Value) CustomStatus { get; private set; }

    public (string? Input, bool PreserveEvents)? NextGeneration { get; private set; }

    protected override ILoggerFactory LoggerFactory => loggers;

    public void StartTurn(DateTimeOffset at, bool replaying)
    {
        _now = at.UtcDateTime;
        _replaying = replaying;
    }

    public void Settle(TaskOutcome outcome)
    {
        // An outcome without its task: a timer that was cancelled in the same turn in which it fired.
        if (!_open.Remove(outcome.TaskId, out OpenTask? task))
        {
            return;
        }

        switch (outcome)
        {
            case TaskCompleted completed:
                task.Complete(completed.Result);
                break;
            case TaskFailed failed:
                task.Fail(new TaskFailedException(task.Name ?? string.Empty, failed.TaskId, failed.Failure));
                break;
            default:
                task.Complete(null);
                break;
        }
    }

    public override T? GetInput<T>()
        where T : default => converter.Deserialize<T>(started.Input);

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        Guard();
        return WithRetry(options, () => Open<TResult>(name, id => new TaskScheduled(id, name, converter.Serialize(input))));
    }

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null)
    {
        Guard();
        string? instanceId = (options as SubOrchestrationOptions)?.InstanceId;
        if (instanceId is not null)
        {
            InstanceIds.Check(instanceId);
        }

        return WithRetry(options, () => Open<TResult>(orchestratorName, id =>
            new SubOrchestrationCreated(id, orchestratorName, instanceId ?? StartIds.OfChild(run.Execution, id), converter.Serialize(input))));
    }

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        Guard();
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        DateTime utc = fireAt.Kind == DateTimeKind.Local ? fireAt.ToUniversalTime() : DateTime.SpecifyKind(fireAt, DateTimeKind.Utc);
        int timerId = _nextTaskId;
        Task<object> task = Open<object>(null, id => new TimerCreated(id, utc));
        OnCancel(
            () =>
            {
                if (_open.Remove(timerId, out OpenTask? timer))
                {
                    _asked.Enqueue(new TimerCancelled(_nextTaskId++, timerId));
                    timer.Cancel(cancellationToken);
                }
            },
            cancellationToken);
        return task;
    }

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        Guard();
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var task = new OpenTask<T>(converter);
        Action takeBack = Events.Wait(eventName, task);
        OnCancel(
            () =>
            {
                takeBack();
                task.Cancel(cancellationToken);
            },
            cancellationToken);
        return task.Task;
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        Guard();
        InstanceIds.Check(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        _asked.Enqueue(new EventSent(_nextTaskId++, instanceId, eventName, converter.Serialize(payload)));
    }

    public override void SetCustomStatus(object? customStatus)
    {
        Guard();
        string? value = converter.Serialize(customStatus);
        if (value?.Length > MaxCustomStatusChars)
        {
            throw new ArgumentException($"The custom status has {value.Length} characters; {MaxCustomStatusChars} are allowed.", nameof(customStatus));
        }

        CustomStatus = (true, value);
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        Guard();
        NextGeneration = (converter.Serialize(newInput), preserveUnprocessedEvents);
    }

    public override Guid NewGuid()
    {
        Guard();
        return DeterministicGuid.Create(string.Create(CultureInfo.InvariantCulture, $"guid:{run.Execution}:{_nextGuid++}"));
    }

    private Task<TResult> WithRetry<TResult>(TaskOptions? options, Func<Task<TResult>> call) =>
        options?.Retry is { } retry ? RetryLoop.RunAsync(this, retry, call) : call();

    private Task<T> Open<T>(TaskName? name, Func<int, TaskAction> action)
    {
        // Asked first: if the input cannot be serialised, nothing has happened.
        _asked.Enqueue(action(_nextTaskId));
        var task = new OpenTask<T>(converter) { Name = name?.Name };
        _open.Add(_nextTaskId++, task);
        return task.Task;
    }

    private void OnCancel(Action action, CancellationToken cancellationToken) => cancellationToken.UnsafeRegister(
        _ =>
        {
            // A token that a system timer or another thread cancels is as little deterministic as a foreign await.
            if (scheduler.IsCurrent)
            {
                action();
            }
            else
            {
                scheduler.ReportViolation();
            }
        },
        null);

    private void Guard()
    {
        if (!scheduler.IsCurrent)
        {
            scheduler.ReportViolation();
            throw new IllegalAwaitException(Name);
        }
    }
}
