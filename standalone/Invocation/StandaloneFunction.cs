using System.Reflection;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Modeldrop.Standalone.Invocation;

/// <summary>Returns one argument of a run.</summary>
internal delegate ValueTask<object?> ArgumentBinder(StandaloneContext context);

/// <summary>A function as discovered; a run looks nothing up again.</summary>
internal sealed class StandaloneFunction
{
    public required StandaloneDefinition Definition { get; init; }

    public required MethodInfo Method { get; init; }

    public required TriggerBindingAttribute Trigger { get; init; }

    /// <summary>Binds the arguments, calls the method and stores its return value in the run's result: the end of the pipeline.</summary>
    public required FunctionExecutionDelegate Invoke { get; init; }

    public string Name => Definition.Name;
}
