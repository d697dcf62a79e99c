using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Modeldrop.LocalHost.Durable;
using Modeldrop.LocalHost.Durable.Engine;
using Modeldrop.LocalHost.Durable.Replay;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.Tests.LocalHost.Durable;

/// <summary>One orchestration in memory: turns without storage, on a clock that the test moves.</summary>
internal sealed class ReplayHost
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ILoggerFactory _loggers;

    public ReplayHost(Func<TaskOrchestrationContext, Task<object?>> code, object? input = null, ILoggerFactory? loggers = null)
    {
        Code = code;
        _loggers = loggers ?? NullLoggerFactory.Instance;
        History = [new ExecutionStarted("Test", TestFunctions.Converter.Serialize(input))];
        Row = new InstanceRow
        {
            InstanceId = "instance",
            Name = "Test",
            StartId = "start",
            Status = OrchestrationRuntimeStatus.Pending,
            CreatedAt = Start,
            UpdatedAt = Start,
        };
    }

    /// <summary>May be changed between turns, as a new version of the app would.</summary>
    public Func<TaskOrchestrationContext, Task<object?>> Code { get; set; }

    public DateTimeOffset Now { get; set; } = Start;

    public InstanceRow Row { get; private set; }

    public IReadOnlyList<HistoryEvent> History { get; private set; }

    public PendingWork Pending => PendingWork.Of(History);

    public ExecutionCompleted? End => History[^1] as ExecutionCompleted;

    /// <summary>How often something foreign continued the code after a turn.</summary>
    public TaskCompletionSource LateContinuation { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A turn with what has arrived; outcomes are addressed to the current run.</summary>
    public ReplayHost Turn(params HistoryEvent[] arrived)
    {
        List<HistoryEvent> events = Arrivals.Select(Row, History, [], [.. arrived.Select(Address)]);
        events.Insert(0, new TurnStarted(Now));
        TurnResult result = OrchestrationReplay.Run(
            new OrchestratorFunction("Test", (context, _) => Code(context)),
            new RunIdentity(Row.InstanceId, Row.Execution),
            History,
            events,
            TestFunctions.Converter,
            _loggers,
            () => LateContinuation.TrySetResult());
        TurnCommit commit = TurnCommit.Of(Row, History, events, result);
        (Row, History) = (commit.Row, commit.History);
        return this;
    }

    /// <summary>Advances the clock to the one pending timer and lets it fire.</summary>
    public ReplayHost FireTimer()
    {
        TimerCreated timer = Assert.Single(Pending.Timers.Values);
        Now = timer.FireAt;
        return Turn(new TimerFired(timer.TaskId, string.Empty));
    }

    public static TaskCompleted Completed(int taskId, object? result = null) => new(taskId, string.Empty, TestFunctions.Converter.Serialize(result));

    public static TaskFailed Failed(int taskId, string message = "broken") =>
        new(taskId, string.Empty, TaskFailureDetails.FromException(new InvalidOperationException(message)));

    public static EventRaised Raised(string name, object? payload) => new(name, TestFunctions.Converter.Serialize(payload));

    private HistoryEvent Address(HistoryEvent happened) => happened is TaskOutcome outcome ? outcome with { Execution = Row.Execution } : happened;
}
