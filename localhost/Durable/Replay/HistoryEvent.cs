using System.Text.Json.Serialization;

namespace Modeldrop.LocalHost.Durable.Replay;

/// <summary>One thing that happened to an instance. The JSON of these records is a stored format.</summary>
/// <remarks>
/// A history is <see cref="ExecutionStarted"/>, then turns; a turn is <see cref="TurnStarted"/>, what arrived, then what the code asked for
/// in answer (<see cref="TaskAction"/>s) and, at the end of all, <see cref="ExecutionCompleted"/>.
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(ExecutionStarted), "started")]
[JsonDerivedType(typeof(Inherited), "inherited")]
[JsonDerivedType(typeof(TurnStarted), "turn")]
[JsonDerivedType(typeof(TaskScheduled), "taskScheduled")]
[JsonDerivedType(typeof(TaskCompleted), "taskCompleted")]
[JsonDerivedType(typeof(TaskFailed), "taskFailed")]
[JsonDerivedType(typeof(TimerCreated), "timerCreated")]
[JsonDerivedType(typeof(TimerCancelled), "timerCancelled")]
[JsonDerivedType(typeof(TimerFired), "timerFired")]
[JsonDerivedType(typeof(SubOrchestrationCreated), "subCreated")]
[JsonDerivedType(typeof(EventSent), "eventSent")]
[JsonDerivedType(typeof(EventRaised), "eventRaised")]
[JsonDerivedType(typeof(ExecutionSuspended), "suspended")]
[JsonDerivedType(typeof(ExecutionResumed), "resumed")]
[JsonDerivedType(typeof(ExecutionTerminated), "terminated")]
[JsonDerivedType(typeof(AwaitViolated), "awaitViolated")]
[JsonDerivedType(typeof(ExecutionCompleted), "completed")]
internal abstract record HistoryEvent
{
    /// <summary>Identifies the message that brought the event, so that a second copy is known; null: it came by no message.</summary>
    public string? MessageId { get; init; }
}

/// <summary>The instance (or, after continue-as-new, its next generation) exists; its code starts with the first turn at or after <see cref="StartAt"/>.</summary>
internal sealed record ExecutionStarted(string Name, string? Input, ParentLink? Parent = null, DateTimeOffset? StartAt = null) : HistoryEvent
{
    /// <summary>Ids of messages that earlier generations took: the latest ones, to know second copies.</summary>
    public IReadOnlyList<string> Seen { get; init; } = [];
}

/// <summary>Who waits for this instance's result.</summary>
/// <param name="Execution">Of the parent when it asked: a later run of the parent does not take the answer.</param>
internal sealed record ParentLink(string Name, string InstanceId, string Execution, int TaskId);

/// <summary>Something that the previous generation sent in its last turn: kept until the next turn, to be sent again after a crash.</summary>
internal sealed record Inherited(string Execution, DateTimeOffset At, TaskAction Action) : HistoryEvent;

/// <param name="At">What the code sees as the current time in this turn.</param>
internal sealed record TurnStarted(DateTimeOffset At) : HistoryEvent;

/// <summary>Something that the code asked for; ids count from 0 in the order of asking.</summary>
internal abstract record TaskAction(int TaskId) : HistoryEvent;

internal sealed record TaskScheduled(int TaskId, string Name, string? Input) : TaskAction(TaskId);

internal sealed record TimerCreated(int TaskId, DateTimeOffset FireAt) : TaskAction(TaskId);

internal sealed record TimerCancelled(int TaskId, int TimerId) : TaskAction(TaskId);

internal sealed record SubOrchestrationCreated(int TaskId, string Name, string InstanceId, string? Input) : TaskAction(TaskId);

internal sealed record EventSent(int TaskId, string InstanceId, string Name, string? Payload) : TaskAction(TaskId);

/// <summary>The answer to a <see cref="TaskScheduled"/>, <see cref="TimerCreated"/> or <see cref="SubOrchestrationCreated"/>.</summary>
/// <param name="Execution">Of the run that asked.</param>
internal abstract record TaskOutcome(int TaskId, string Execution) : HistoryEvent;

internal sealed record TaskCompleted(int TaskId, string Execution, string? Result) : TaskOutcome(TaskId, Execution);

internal sealed record TaskFailed(int TaskId, string Execution, TaskFailureDetails Failure) : TaskOutcome(TaskId, Execution);

internal sealed record TimerFired(int TaskId, string Execution) : TaskOutcome(TaskId, Execution);

internal sealed record EventRaised(string Name, string? Payload) : HistoryEvent;

internal sealed record ExecutionSuspended(string? Reason) : HistoryEvent;

internal sealed record ExecutionResumed(string? Reason) : HistoryEvent;

internal sealed record ExecutionTerminated(string? Output, bool Recursive) : HistoryEvent;

/// <summary>Between turns, something that is not a durable task tried to continue the code.</summary>
/// <param name="Execution">Of the run whose code that is.</param>
internal sealed record AwaitViolated(string Execution) : HistoryEvent;

internal sealed record ExecutionCompleted(OrchestrationRuntimeStatus Status, string? Output, TaskFailureDetails? Failure) : HistoryEvent;
