using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Modeldrop.Standalone.Invocation;

/// <summary>Compiles a function's method into a delegate, once, so that a run needs no reflection.</summary>
internal static class MethodInvoker
{
    private delegate ValueTask<object?> CompiledMethod(object? target, object?[] arguments);

    private delegate Task CompiledTask(object? target, object?[] arguments);

    public static FunctionExecutionDelegate Compile(MethodInfo method, ArgumentBinder[] binders)
    {
        ObjectFactory? create = method.IsStatic ? null : ActivatorUtilities.CreateFactory(method.DeclaringType!, Type.EmptyTypes);
        if (method.ReturnType == typeof(Task))
        {
            // A function without a return value returns its own task, without a state machine around it.
            CompiledTask start = CompileTask(method);
            return context =>
            {
                var run = (StandaloneContext)context;
                var arguments = new object?[binders.Length];
                for (int index = 0; index < binders.Length; index++)
                {
                    ValueTask<object?> bound = binders[index](run);
                    if (!bound.IsCompletedSuccessfully)
                    {
                        return StartAsync(run, start, create, binders, arguments, index, bound);
                    }

                    arguments[index] = bound.GetAwaiter().GetResult();
                }

                return start(create?.Invoke(run.InstanceServices, null), arguments);
            };
        }

        CompiledMethod call = CompileCall(method);
        return async context =>
        {
            var run = (StandaloneContext)context;
            var arguments = new object?[binders.Length];
            for (int index = 0; index < binders.Length; index++)
            {
                arguments[index] = await binders[index](run);
            }

            // An orchestrator's code must continue in the context that the engine gave it: no ConfigureAwait(false) here.
            run.Result = await call(create?.Invoke(run.InstanceServices, null), arguments);
        };
    }

    private static async Task StartAsync(
        StandaloneContext run,
        CompiledTask start,
        ObjectFactory? create,
        ArgumentBinder[] binders,
        object?[] arguments,
        int index,
        ValueTask<object?> bound)
    {
        arguments[index] = await bound;
        while (++index < binders.Length)
        {
            arguments[index] = await binders[index](run);
        }

        await start(create?.Invoke(run.InstanceServices, null), arguments);
    }

    private static CompiledTask CompileTask(MethodInfo method)
    {
        ParameterExpression target = Expression.Parameter(typeof(object), "target");
        ParameterExpression arguments = Expression.Parameter(typeof(object?[]), "arguments");
        return Expression.Lambda<CompiledTask>(Call(method, target, arguments), target, arguments).Compile();
    }

    private static CompiledMethod CompileCall(MethodInfo method)
    {
        ParameterExpression target = Expression.Parameter(typeof(object), "target");
        ParameterExpression arguments = Expression.Parameter(typeof(object?[]), "arguments");
        return Expression.Lambda<CompiledMethod>(AwaitAsObject(Call(method, target, arguments)), target, arguments).Compile();
    }

    private static MethodCallExpression Call(MethodInfo method, ParameterExpression target, ParameterExpression arguments)
    {
        IEnumerable<Expression> values = method.GetParameters().Select((parameter, index) =>
            Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(index)), parameter.ParameterType));
        return Expression.Call(method.IsStatic ? null : Expression.Convert(target, method.DeclaringType!), method, values);
    }

    private static Expression AwaitAsObject(Expression call)
    {
        Type type = call.Type;
        if (type == typeof(void))
        {
            return Expression.Block(call, Expression.Default(typeof(ValueTask<object?>)));
        }

        if (type == typeof(Task) || type == typeof(ValueTask))
        {
            return Expression.Call(typeof(MethodInvoker), nameof(AwaitNothing), null, type == typeof(Task) ? call : AsTask(call));
        }

        if (IsGeneric(type, typeof(Task<>)) || IsGeneric(type, typeof(ValueTask<>)))
        {
            Expression task = IsGeneric(type, typeof(Task<>)) ? call : AsTask(call);
            return Expression.Call(typeof(MethodInvoker), nameof(AwaitValue), type.GetGenericArguments(), task);
        }

        ConstructorInfo wrap = typeof(ValueTask<object?>).GetConstructor([typeof(object)])!;
        return Expression.New(wrap, Expression.Convert(call, typeof(object)));
    }

    private static MethodCallExpression AsTask(Expression call) => Expression.Call(call, nameof(ValueTask.AsTask), null);

    private static async ValueTask<object?> AwaitNothing(Task task)
    {
        await task;
        return null;
    }

    private static async ValueTask<object?> AwaitValue<T>(Task<T> task) => await task;

    private static bool IsGeneric(Type type, Type definition) => type.IsGenericType && type.GetGenericTypeDefinition() == definition;
}
