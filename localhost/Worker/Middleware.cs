namespace Modeldrop.LocalHost;

/// <summary>Runs around every function, in the order of registration; one object for the process.</summary>
/// <remarks>
/// It also runs around each replay of an orchestrator: there it must not wait for anything before <c>next</c>.
/// Take scoped services from <see cref="FunctionContext.InstanceServices"/>.
/// </remarks>
public interface IFunctionsWorkerMiddleware
{
    Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
}

/// <summary>The rest of the pipeline.</summary>
public delegate Task FunctionExecutionDelegate(FunctionContext context);
