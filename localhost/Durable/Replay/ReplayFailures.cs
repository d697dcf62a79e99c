namespace Modeldrop.LocalHost.Durable.Replay;

/// <summary>The replayed code does not ask for what it asked for before.</summary>
internal sealed class NonDeterministicOrchestratorException(string message) : InvalidOperationException(message);

/// <summary>The code awaits something that is not a durable task.</summary>
internal sealed class IllegalAwaitException(string orchestrator) : InvalidOperationException(
    $"Orchestrator '{orchestrator}' awaits something that is not a durable task. Orchestrator code may await only tasks of its " +
    "TaskOrchestrationContext (and Task.WhenAll or Task.WhenAny of them): CreateTimer instead of Task.Delay, an activity instead of I/O or " +
    "Task.Run, and no ConfigureAwait(false).");
