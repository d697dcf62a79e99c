using DurableTask.Core;
using DurableTask.Core.Command;
using DurableTask.Core.History;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Converters;
using Microsoft.DurableTask.Worker.Shims;

namespace Modeldrop.Tests.Lifecycle;

/// <summary>
/// Runs one orchestration in memory, without storage: the engine's executor and the worker's shim, over a history that the test writes, on
/// a clock that the test moves.
/// </summary>
internal sealed class ReplayHost(Func<Microsoft.DurableTask.TaskOrchestrationContext, Task<object?>> code)
{
    public const string InstanceId = "flights~register~1";

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly OrchestrationInstance Instance = new() { InstanceId = InstanceId, ExecutionId = "execution" };

    private readonly Dictionary<int, TaskScheduledEvent> _activities = [];
    private readonly Dictionary<int, TimerCreatedEvent> _timers = [];
    private List<HistoryEvent> _history = [];

    public static DataConverter Converter { get; } = JsonDataConverter.Default;

    /// <summary>The test may change it between turns, like a new version of the app.</summary>
    public Func<Microsoft.DurableTask.TaskOrchestrationContext, Task<object?>> Code { get; set; } = code;

    public DateTimeOffset Now { get; set; } = Start;

    /// <summary>Activities without an outcome, by the order in which they were scheduled.</summary>
    public IReadOnlyList<TaskScheduledEvent> Activities => [.. _activities.Values];

    /// <summary>Timers that have not fired, the next one first. Includes cancelled timers, as in the store.</summary>
    public IReadOnlyList<TimerCreatedEvent> Timers => [.. _timers.Values.OrderBy(timer => timer.FireAt)];

    /// <summary>Events that the orchestration has sent: instance, name.</summary>
    public List<(string Instance, string Name)> Sent { get; } = [];

    public string? CustomStatus { get; private set; }

    /// <summary>The end of the orchestration; null while it runs.</summary>
    public OrchestrationCompleteOrchestratorAction? End { get; private set; }

    /// <summary>Runs a turn with the new events.</summary>
    public ReplayHost Turn(params HistoryEvent[] arrived)
    {
        var state = new OrchestrationRuntimeState(_history);
        state.AddEvent(new OrchestratorStartedEvent(-1) { Timestamp = Now.UtcDateTime });
        if (_history.Count == 0)
        {
            state.AddEvent(new ExecutionStartedEvent(-1, input: null) { Name = "Test", Version = "", OrchestrationInstance = Instance });
        }

        foreach (HistoryEvent happened in arrived)
        {
            state.AddEvent(happened);
            Settle(happened);
        }

        TaskOrchestration orchestration = DurableTaskShimFactory.Default.CreateOrchestration<object, object>(
            "Test", (context, _) => Code(context));
        var executor = new TaskOrchestrationExecutor(
            state, orchestration, BehaviorOnContinueAsNew.Carryover, ErrorPropagationMode.UseFailureDetails);
        OrchestratorExecutionResult result = executor.Execute();
        CustomStatus = result.CustomStatus;
        foreach (OrchestratorAction action in result.Actions)
        {
            Record(state, action);
        }

        state.AddEvent(new OrchestratorCompletedEvent(-1));
        _history = [.. state.Events];
        return this;
    }

    /// <summary>Moves the clock to the next timer and fires it.</summary>
    /// <param name="putBack">How far the clock was set back during the wait.</param>
    public ReplayHost FireTimer(TimeSpan putBack = default)
    {
        TimerCreatedEvent timer = Timers[0];
        Now = new DateTimeOffset(timer.FireAt, TimeSpan.Zero) - putBack;
        return Turn(new TimerFiredEvent(-1) { TimerId = timer.EventId, FireAt = timer.FireAt });
    }

    /// <summary>Answers the one open activity.</summary>
    public ReplayHost Complete(object? result)
    {
        TaskScheduledEvent activity = Assert.Single(Activities);
        return Turn(new TaskCompletedEvent(-1, activity.EventId, Converter.Serialize(result)));
    }

    /// <summary>Fails the one open activity.</summary>
    public ReplayHost Fail(string message)
    {
        TaskScheduledEvent activity = Assert.Single(Activities);
        var failure = new FailureDetails(
            nameof(InvalidOperationException), message, stackTrace: null, innerFailure: null, isNonRetriable: false);
        return Turn(new TaskFailedEvent(-1, activity.EventId, message, details: null, failure));
    }

    public ReplayHost Raise(string name, object? payload) => Turn(Raised(name, payload));

    public static EventRaisedEvent Raised(string name, object? payload) => new(-1, Converter.Serialize(payload)) { Name = name };

    /// <summary>The input of an activity, which the engine stores as a list of one.</summary>
    public static T InputOf<T>(string? input) => Converter.Deserialize<T>(input![1..^1])!;

    /// <summary>The orchestration's output.</summary>
    public T Output<T>()
    {
        Assert.Equal(OrchestrationStatus.Completed, End!.OrchestrationStatus);
        return Converter.Deserialize<T>(End.Result)!;
    }

    private void Settle(HistoryEvent happened) => _ = happened switch
    {
        TaskCompletedEvent completed => _activities.Remove(completed.TaskScheduledId),
        TaskFailedEvent failed => _activities.Remove(failed.TaskScheduledId),
        TimerFiredEvent fired => _timers.Remove(fired.TimerId),
        _ => false,
    };

    private void Record(OrchestrationRuntimeState state, OrchestratorAction action)
    {
        switch (action)
        {
            case ScheduleTaskOrchestratorAction task:
                var scheduled = new TaskScheduledEvent(task.Id, task.Name!, task.Version, task.Input);
                _activities.Add(task.Id, scheduled);
                state.AddEvent(scheduled);
                break;
            case CreateTimerOrchestratorAction timer:
                var created = new TimerCreatedEvent(timer.Id, timer.FireAt);
                _timers.Add(timer.Id, created);
                state.AddEvent(created);
                break;
            case SendEventOrchestratorAction sent:
                Sent.Add((sent.Instance!.InstanceId, sent.EventName!));
                state.AddEvent(
                    new EventSentEvent(sent.Id) { InstanceId = sent.Instance.InstanceId, Name = sent.EventName, Input = sent.EventData });
                break;
            case OrchestrationCompleteOrchestratorAction completed:
                End = completed;
                state.AddEvent(
                    new ExecutionCompletedEvent(completed.Id, completed.Result, completed.OrchestrationStatus, completed.FailureDetails));
                break;
            default:
                throw new InvalidOperationException($"The app does not use {action.GetType().Name}.");
        }
    }
}
