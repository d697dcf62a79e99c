using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.LocalHost;

/// <summary>Runs functions inside the app's middleware.</summary>
/// <param name="middleware">In the order of registration, which is the order of running.</param>
internal sealed class FunctionRunner(
    IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware,
    IServiceScopeFactory scopes)
{
    private static readonly Dictionary<string, object?> NoData = [];

    private readonly ConcurrentDictionary<LocalFunction, FunctionExecutionDelegate> _pipelines = [];

    /// <summary>The middleware around the function's method; built once.</summary>
    public FunctionExecutionDelegate Pipeline(LocalFunction function) =>
        _pipelines.GetOrAdd(function, added => middleware.Reverse().Aggregate(added.Invoke, (next, wrap) => wrap(next)));

    /// <summary>Runs a function in a scope of its own.</summary>
    /// <returns>What the function returned, or what middleware put in its place.</returns>
    public async Task<object?> RunAsync(
        LocalFunction function,
        object trigger,
        IReadOnlyDictionary<string, object?>? bindingData,
        Retry retry,
        CancellationToken cancellationToken)
    {
        AsyncServiceScope scope = scopes.CreateAsyncScope();
        try
        {
            var context = new LocalFunctionContext(function.Definition, scope.ServiceProvider, trigger, bindingData ?? NoData, cancellationToken)
            {
                Retry = retry,
            };
            await Pipeline(function)(context);
            return context.InvocationResult.Value;
        }
        finally
        {
            await scope.DisposeAsync();
        }
    }
}
