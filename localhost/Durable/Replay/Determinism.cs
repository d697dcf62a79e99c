namespace Modeldrop.LocalHost.Durable.Replay;

/// <summary>Holds what the code asks for now against what the history says it asked for.</summary>
internal static class Determinism
{
    private const int ShownChars = 200;

    /// <param name="number">The event's place in the history, counted from 0.</param>
    public static void Check(string orchestrator, int number, TaskAction history, TaskAction? asked)
    {
        if (asked is null || asked with { MessageId = history.MessageId } != history)
        {
            throw new NonDeterministicOrchestratorException(
                $"Orchestrator '{orchestrator}' is not deterministic: at history event {number}, the history has {Describe(history)}, " +
                $"but the code now asks for {(asked is null ? "nothing" : Describe(asked))}. {Advice}");
        }
    }

    /// <param name="asked">Asked for at a place where the history has nothing more.</param>
    public static void CheckNothing(string orchestrator, int number, TaskAction? asked)
    {
        if (asked is not null)
        {
            throw new NonDeterministicOrchestratorException(
                $"Orchestrator '{orchestrator}' is not deterministic: before history event {number}, the history has nothing more for the code to do, " +
                $"but the code now asks for {Describe(asked)}. {Advice}");
        }
    }

    private const string Advice =
        "Orchestrator code must do the same at every replay: take time and ids from the context, keep I/O in activities, and give changed code a new name.";

    private static string Describe(TaskAction action) => action switch
    {
        TaskScheduled task => $"task {task.TaskId}: activity '{task.Name}' with input {Shown(task.Input)}",
        TimerCreated timer => $"task {timer.TaskId}: a timer for {timer.FireAt.UtcDateTime:O}",
        TimerCancelled cancelled => $"task {cancelled.TaskId}: the cancellation of timer {cancelled.TimerId}",
        SubOrchestrationCreated sub => $"task {sub.TaskId}: sub-orchestration '{sub.Name}' as instance '{sub.InstanceId}' with input {Shown(sub.Input)}",
        EventSent sent => $"task {sent.TaskId}: event '{sent.Name}' to instance '{sent.InstanceId}' with payload {Shown(sent.Payload)}",
        _ => action.ToString(),
    };

    private static string Shown(string? payload) => payload is null ? "null"
        : payload.Length <= ShownChars ? payload
        : string.Concat(payload.AsSpan(0, ShownChars), $"… ({payload.Length} characters)");
}
