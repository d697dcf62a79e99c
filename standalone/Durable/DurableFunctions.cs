using System.Reflection;
using DurableTask.Core;
using DurableTask.Core.Exceptions;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Worker.Shims;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone.Durable;

/// <summary>Runs orchestrators and activities for the engine: inside the app's middleware, wrapped by the worker's own shims.</summary>
/// <param name="stopping">Cancelled when the process stops: running activities end, and are run again elsewhere.</param>
internal sealed class DurableFunctions(FunctionRunner runner, DurableTaskShimFactory shims, CancellationToken stopping)
{
    /// <summary>Adds the orchestrators and activities of <paramref name="functions"/> to the worker.</summary>
    public void AddTo(TaskHubWorker worker, IEnumerable<StandaloneFunction> functions)
    {
        foreach (StandaloneFunction function in functions)
        {
            FunctionExecutionDelegate pipeline = runner.Pipeline(function);
            if (function.Trigger is OrchestrationTriggerAttribute)
            {
                var orchestrator = new Orchestrator(this, function, pipeline);
                worker.AddTaskOrchestrations(
                    new Creator<TaskOrchestration>(function.Name, () => shims.CreateOrchestration(function.Name, orchestrator)));
            }
            else if (function.Trigger is ActivityTriggerAttribute)
            {
                TaskActivity activity = shims.CreateActivity(function.Name, new Activity(this, function, pipeline));
                worker.AddTaskActivities(new Creator<TaskActivity>(function.Name, () => activity));
            }
        }
    }

    private static Type ResultType(MethodInfo method) =>
        method.ReturnType.IsGenericType ? method.ReturnType.GetGenericArguments()[0] : typeof(object);

    private sealed class Orchestrator(DurableFunctions owner, StandaloneFunction function, FunctionExecutionDelegate pipeline)
        : ITaskOrchestrator
    {
        public Type InputType { get; } = OrchestrationTriggerKind.InputOf(function.Method)?.ParameterType ?? typeof(object);

        public Type OutputType { get; } = ResultType(function.Method);

        public Task<object?> RunAsync(TaskOrchestrationContext context, object? input) =>
            owner.Runner.RunAsync(function, pipeline, new OrchestrationRun(context, input), bindingData: null, CancellationToken.None);
    }

    private sealed class Activity(DurableFunctions owner, StandaloneFunction function, FunctionExecutionDelegate pipeline) : ITaskActivity
    {
        public Type InputType { get; } = ActivityTriggerKind.InputOf(function.Method).ParameterType;

        public Type OutputType { get; } = ResultType(function.Method);

        public async Task<object?> RunAsync(TaskActivityContext context, object? input)
        {
            try
            {
                return await owner.Runner.RunAsync(function, pipeline, new ActivityRun(input), bindingData: null, owner.Stopping);
            }
            catch (Exception) when (owner.Stopping.IsCancellationRequested)
            {
                // Returns the message to the queue instead of counting a failed attempt.
                throw new SessionAbortedException($"Activity '{function.Name}' was ended, as its process stops.");
            }
        }
    }

    private FunctionRunner Runner => runner;

    private CancellationToken Stopping => stopping;

    private sealed class Creator<T> : ObjectCreator<T>
    {
        private readonly Func<T> _create;

        public Creator(string name, Func<T> create)
        {
            Name = name;
            Version = "";
            _create = create;
        }

        public override T Create() => _create();
    }
}
