using System.Reflection;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Modeldrop.Standalone.Invocation;

/// <summary>Gives one argument of a run.</summary>
internal delegate ValueTask<object?> ArgumentBinder(StandaloneContext context);

/// <summary>A function as discovery found it; nothing of it is looked up again when it runs.</summary>
internal sealed class StandaloneFunction
{
    public required StandaloneDefinition Definition { get; init; }

    public required MethodInfo Method { get; init; }

    public required TriggerBindingAttribute Trigger { get; init; }

    /// <summary>Binds the arguments, calls the method and keeps what it returns in the run's result: the end of the pipeline.</summary>
    public required FunctionExecutionDelegate Invoke { get; init; }

    public string Name => Definition.Name;
}
