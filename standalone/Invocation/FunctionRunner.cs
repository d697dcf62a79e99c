using Microsoft.Azure.Functions.Worker.Middleware;

namespace Modeldrop.Standalone.Invocation;

/// <summary>Runs functions inside the app's middleware.</summary>
/// <param name="middleware">In the order of registration, in which they run.</param>
internal sealed class FunctionRunner(
    IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware,
    IServiceScopeFactory scopes)
{
    private static readonly Dictionary<string, object?> NoData = [];

    /// <summary>Builds the middleware around the function's method. Call it once for each function.</summary>
    public FunctionExecutionDelegate Pipeline(StandaloneFunction function) =>
        middleware.Reverse().Aggregate(function.Invoke, (next, wrap) => wrap(next));

    /// <summary>Runs a function in a scope of its own.</summary>
    /// <param name="pipeline">The result of <see cref="Pipeline"/>.</param>
    /// <returns>The function's return value.</returns>
    public async Task<object?> RunAsync(
        StandaloneFunction function,
        FunctionExecutionDelegate pipeline,
        object trigger,
        IReadOnlyDictionary<string, object?>? bindingData,
        CancellationToken cancellationToken)
    {
        // No ConfigureAwait(false): an orchestrator's code must continue in the context that the engine gave it.
        AsyncServiceScope scope = scopes.CreateAsyncScope();
        try
        {
            var context = new StandaloneContext(
                function.Definition, scope.ServiceProvider, trigger, bindingData ?? NoData, cancellationToken);
            await pipeline(context);
            return context.Result;
        }
        finally
        {
            await scope.DisposeAsync();
        }
    }
}
