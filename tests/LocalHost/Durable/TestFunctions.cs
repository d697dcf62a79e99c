using Modeldrop.LocalHost.Durable;

namespace Modeldrop.Tests.LocalHost.Durable;

/// <summary>Orchestrators and activities as lambdas.</summary>
internal sealed class TestFunctions
{
    public static readonly DataConverter Converter = new JsonDataConverter(new System.Text.Json.JsonSerializerOptions());

    private readonly List<OrchestratorFunction> _orchestrators = [];
    private readonly List<ActivityFunction> _activities = [];

    public TestFunctions Orchestrator(string name, Func<TaskOrchestrationContext, Task<object?>> run)
    {
        _orchestrators.Add(new OrchestratorFunction(name, (context, _) => run(context)));
        return this;
    }

    public TestFunctions Activity<TInput>(string name, Func<TInput?, CancellationToken, Task<object?>> run)
    {
        _activities.Add(new ActivityFunction(name, (_, input, cancellation) => run(Converter.Deserialize<TInput>(input), cancellation)));
        return this;
    }

    public TestFunctions Activity<TInput>(string name, Func<TInput?, object?> run) => Activity<TInput>(name, (input, _) => Task.FromResult(run(input)));

    public DurableFunctions Build() => new(_orchestrators, _activities);
}
