namespace Modeldrop.LocalHost.Durable;

/// <summary>An orchestrator; its second argument is the serialised input.</summary>
internal sealed record OrchestratorFunction(string Name, Func<TaskOrchestrationContext, string?, Task<object?>> RunAsync);

/// <summary>An activity; its second argument is the serialised input.</summary>
internal sealed record ActivityFunction(string Name, Func<TaskActivityContext, string?, CancellationToken, Task<object?>> RunAsync);

/// <summary>The orchestrators and activities of the app. Names compare ignoring case.</summary>
internal sealed class DurableFunctions(IEnumerable<OrchestratorFunction> orchestrators, IEnumerable<ActivityFunction> activities)
{
    public IReadOnlyDictionary<string, OrchestratorFunction> Orchestrators { get; } =
        orchestrators.ToDictionary(function => function.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyDictionary<string, ActivityFunction> Activities { get; } =
        activities.ToDictionary(function => function.Name, StringComparer.OrdinalIgnoreCase);
}
