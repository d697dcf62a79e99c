using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.DurableTask.Client;
using Modeldrop.Standalone.Blobs;
using Modeldrop.Standalone.Http;
using Modeldrop.Standalone.Timers;

namespace Modeldrop.Standalone.Invocation;

/// <summary>Finds functions by the worker's attributes and builds their invokers.</summary>
/// <remarks>
/// Violations that the worker's build already refuses (names, routes, results) are not checked again. A parameter that only the worker
/// could bind is an error.
/// </remarks>
internal static class FunctionDiscovery
{
    private static readonly TriggerKind[] Kinds =
        [new HttpTriggerKind(), new TimerTriggerKind(), new BlobTriggerKind(), new OrchestrationTriggerKind(), new ActivityTriggerKind()];

    /// <exception cref="InvalidOperationException">
    /// Some functions cannot run here; the message lists all of them with all their violations.
    /// </exception>
    public static IReadOnlyList<StandaloneFunction> Discover(IEnumerable<Type> types)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        List<string> errors = [];
        StandaloneFunction[] functions =
        [
            .. from method in types.SelectMany(type => type.GetMethods(all))
               let name = method.GetCustomAttribute<FunctionAttribute>()?.Name
               where name is not null
               let function = Find(name, method, error => errors.Add($"Function '{name}': {error}"))
               where function is not null
               select function,
        ];
        foreach (StandaloneFunction function in functions.Where(function => function.Trigger is TimerTriggerAttribute))
        {
            var trigger = (TimerTriggerAttribute)function.Trigger;
            if (TimerSchedule.Parse(trigger.Schedule, out string? error) is null)
            {
                errors.Add($"Function '{function.Name}': {error}");
            }
        }

        return errors.Count == 0
            ? functions
            : throw new InvalidOperationException(string.Join(Environment.NewLine, errors.Prepend("Functions cannot run here:")));
    }

    private static StandaloneFunction? Find(string name, MethodInfo method, Action<string> report)
    {
        ParameterInfo[] parameters = method.GetParameters();
        ParameterInfo? triggered = parameters.SingleOrDefault(parameter =>
            parameter.GetCustomAttribute<TriggerBindingAttribute>() is not null);
        var trigger = triggered?.GetCustomAttribute<TriggerBindingAttribute>();
        if (trigger is null || Array.Find(Kinds, kind => kind.Attribute == trigger.GetType()) is not { } kind)
        {
            report(trigger is null ? "no parameter has a trigger." : $"the trigger {trigger.GetType().Name} is not supported.");
            return null;
        }

        ArgumentBinder?[] binders =
            [.. parameters.Select(parameter => parameter == triggered ? kind.BindTrigger(parameter) : Bind(kind, parameter))];
        foreach (ParameterInfo parameter in parameters.Where((_, index) => binders[index] is null))
        {
            report($"parameter '{parameter.ParameterType.Name} {parameter.Name}' cannot be bound.");
        }

        return binders.Contains(null) ? null : new StandaloneFunction
        {
            Definition = new StandaloneDefinition(name, method, Bindings(kind, triggered!, parameters)),
            Method = method,
            Trigger = trigger,
            Invoke = MethodInvoker.Compile(method, binders!),
        };
    }

    private static ArgumentBinder? Bind(TriggerKind kind, ParameterInfo parameter) =>
        parameter.GetCustomAttribute<DurableClientAttribute>() is not null && parameter.ParameterType == typeof(DurableTaskClient)
            ? context => ValueTask.FromResult<object?>(context.InstanceServices.GetRequiredService<DurableTaskClient>())
        : parameter.GetCustomAttribute<BindingAttribute>() is not null ? null
        : parameter.ParameterType == typeof(FunctionContext) ? context => ValueTask.FromResult<object?>(context)
        : parameter.ParameterType == typeof(CancellationToken) ? context => ValueTask.FromResult<object?>(context.CancellationToken)
        : kind.BindOther(parameter);

    private static ImmutableDictionary<string, BindingMetadata> Bindings(
        TriggerKind kind, ParameterInfo triggered, ParameterInfo[] parameters) =>
        parameters
            .Where(parameter => parameter.GetCustomAttribute<BindingAttribute>() is not null)
            .ToImmutableDictionary(
                parameter => parameter.Name!,
                parameter => (BindingMetadata)new InputBinding(
                    parameter.Name!, parameter == triggered ? kind.BindingType : "durableClient"));
}
