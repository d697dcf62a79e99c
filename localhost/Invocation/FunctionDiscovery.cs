using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Modeldrop.LocalHost.Durable;

namespace Modeldrop.LocalHost;

/// <summary>Finds the functions of an app and builds what runs them.</summary>
internal sealed class FunctionDiscovery(IReadOnlyList<TriggerKind> kinds)
{
    private static readonly NullabilityInfoContext Nullability = new();

    private readonly List<string> _errors = [];

    /// <summary>All errors so far; each names its function.</summary>
    public List<string> Errors => _errors;

    /// <summary>The functions of <paramref name="types"/>. What is wrong with them is in <see cref="Errors"/>.</summary>
    public IReadOnlyList<LocalFunction> Discover(IEnumerable<Type> types)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        List<LocalFunction> functions = [];
        Dictionary<string, MethodInfo> names = new(StringComparer.OrdinalIgnoreCase);
        foreach (MethodInfo method in types.SelectMany(type => type.GetMethods(all)))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is not { } attribute)
            {
                continue;
            }

            string name = attribute.Name;
            if (!names.TryAdd(name, method))
            {
                Report(name, method, $"{Where(names[name])} has the same name.");
            }
            else if (Create(name, method) is { } function)
            {
                functions.Add(function);
            }
        }

        return functions;
    }

    public void Report(LocalFunction function, string error) => Report(function.Name, function.Method, error);

    private static string Where(MethodInfo method) => $"{method.DeclaringType!.FullName}.{method.Name}";

    private void Report(string name, MethodInfo method, string error) => _errors.Add($"Function '{name}' ({Where(method)}): {error}");

    private LocalFunction? Create(string name, MethodInfo method)
    {
        int errorsBefore = _errors.Count;
        void ReportError(string error) => Report(name, method, error);

        CheckMethod(name, method, ReportError);
        ParameterInfo[] triggers = [.. method.GetParameters().Where(parameter => parameter.GetCustomAttribute<TriggerBindingAttribute>() is not null)];
        if (triggers is not [ParameterInfo triggerParameter])
        {
            ReportError(triggers.Length == 0 ? "no parameter has a trigger." : "it has more than one trigger.");
            return null;
        }

        var trigger = triggerParameter.GetCustomAttribute<TriggerBindingAttribute>()!;
        TriggerKind? kind = kinds.FirstOrDefault(candidate => candidate.Attribute == trigger.GetType());
        if (kind is null)
        {
            ReportError($"the trigger {trigger.GetType().Name} is not supported.");
            return null;
        }

        var function = new FunctionMethod(name, method, triggerParameter, trigger, ReportError);
        RetryAttribute? retry = method.GetCustomAttribute<RetryAttribute>();
        if (retry is not null && !kind.MayRetry)
        {
            ReportError($"{retry.GetType().Name} is legal on timers only.");
        }

        ArgumentBinder[] binders = [.. method.GetParameters().Select(parameter => Bind(kind, function, parameter))];
        kind.Validate(function);
        return _errors.Count > errorsBefore ? null : new LocalFunction
        {
            Definition = new LocalFunctionDefinition(name, method, Bindings(kind, function)),
            Method = method,
            Trigger = trigger,
            TriggerParameter = triggerParameter,
            Retry = retry,
            Invoke = MethodInvoker.Compile(method, binders),
        };
    }

    private static void CheckMethod(string name, MethodInfo method, Action<string> reportError)
    {
        // Letters, digits, '_' and '-', a letter first, at most 127: what the real host takes.
        if (name.Length is 0 or > 127 || !char.IsAsciiLetter(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            reportError("a name is letters, digits, '_' and '-', begins with a letter and has at most 127 characters.");
        }

        Type type = method.DeclaringType!;
        if (!method.IsPublic || !type.IsVisible || type.ContainsGenericParameters || method.IsGenericMethod || (!method.IsStatic && type.IsAbstract))
        {
            reportError("it must be a public, non-generic method of a public, non-generic class.");
        }
    }

    private static ArgumentBinder Bind(TriggerKind kind, FunctionMethod function, ParameterInfo parameter)
    {
        ArgumentBinder? binder =
            parameter == function.TriggerParameter ? kind.BindTrigger(function)
            : parameter.GetCustomAttribute<BindingAttribute>() is { } attribute ? BindAttributed(attribute, parameter)
            : parameter.ParameterType == typeof(FunctionContext) ? context => ValueTask.FromResult<object?>(context)
            : parameter.ParameterType == typeof(CancellationToken) ? context => ValueTask.FromResult<object?>(context.CancellationToken)
            : kind.BindUnattributed(function, parameter);
        if (binder is null)
        {
            function.ReportError($"parameter '{parameter.ParameterType.Name} {parameter.Name}' cannot be bound.");
        }

        return binder ?? (_ => default);
    }

    private static ArgumentBinder? BindAttributed(BindingAttribute attribute, ParameterInfo parameter)
    {
        if (attribute is not DurableClientAttribute || parameter.ParameterType != typeof(DurableTaskClient))
        {
            return null;
        }

        return context => ValueTask.FromResult<object?>(context.InstanceServices.GetRequiredService<DurableTaskClient>());
    }

    private static ImmutableDictionary<string, BindingMetadata> Bindings(TriggerKind kind, FunctionMethod function) =>
        function.Method.GetParameters()
            .Where(parameter => parameter.GetCustomAttribute<BindingAttribute>() is not null)
            .ToImmutableDictionary(
                parameter => parameter.Name!,
                parameter => (BindingMetadata)new InputBinding(
                    parameter.Name!, parameter == function.TriggerParameter ? kind.BindingType : "durableClient"));

    /// <summary>Whether the parameter takes null.</summary>
    internal static bool TakesNull(ParameterInfo parameter) =>
        parameter.ParameterType.IsValueType
            ? Nullable.GetUnderlyingType(parameter.ParameterType) is not null
            : Nullability.Create(parameter).WriteState != NullabilityState.NotNull;
}
