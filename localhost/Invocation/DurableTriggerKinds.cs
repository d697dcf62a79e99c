using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Modeldrop.LocalHost.Durable;

namespace Modeldrop.LocalHost;

/// <summary>Orchestrators: the trigger is the context, one more parameter may take the input.</summary>
internal sealed class OrchestrationTriggerKind : TriggerKind
{
    public override Type Attribute => typeof(OrchestrationTriggerAttribute);

    public override string BindingType => "orchestrationTrigger";

    public override ArgumentBinder? BindTrigger(FunctionMethod function) =>
        function.TriggerParameter.ParameterType == typeof(TaskOrchestrationContext)
            ? context => ValueTask.FromResult<object?>(((OrchestrationRun)context.Trigger).Context)
            : null;

    public override ArgumentBinder? BindUnattributed(FunctionMethod function, ParameterInfo parameter)
    {
        if (function.Method.GetParameters().First(IsUnbound) != parameter)
        {
            return null;
        }

        return context => ValueTask.FromResult(((OrchestrationRun)context.Trigger).Input.Read(context, parameter));

        bool IsUnbound(ParameterInfo candidate) =>
            candidate.GetCustomAttribute<BindingAttribute>() is null
            && candidate.ParameterType != typeof(FunctionContext)
            && candidate.ParameterType != typeof(CancellationToken);
    }

    public override void Validate(FunctionMethod function)
    {
        if (!function.Method.ReturnType.IsAssignableTo(typeof(Task)))
        {
            function.ReportError("an orchestrator returns Task or Task<T>.");
        }
    }
}

/// <summary>Activities: the trigger is the input, <c>string instanceId</c> is the caller's.</summary>
internal sealed class ActivityTriggerKind : TriggerKind
{
    private const string InstanceId = "instanceId";

    public override Type Attribute => typeof(ActivityTriggerAttribute);

    public override string BindingType => "activityTrigger";

    public override ArgumentBinder BindTrigger(FunctionMethod function)
    {
        ParameterInfo parameter = function.TriggerParameter;
        return parameter.ParameterType == typeof(TaskActivityContext)
            ? context => ValueTask.FromResult<object?>(((ActivityRun)context.Trigger).Context)
            : context => ValueTask.FromResult(((ActivityRun)context.Trigger).Input.Read(context, parameter));
    }

    public override ArgumentBinder? BindUnattributed(FunctionMethod function, ParameterInfo parameter) =>
        parameter.Name == InstanceId && parameter.ParameterType == typeof(string)
            ? context => ValueTask.FromResult<object?>(((ActivityRun)context.Trigger).Context.InstanceId)
            : null;
}

/// <summary>What an orchestrator's binders read.</summary>
internal sealed record OrchestrationRun(TaskOrchestrationContext Context, DurableInput Input);

/// <summary>What an activity's binders read.</summary>
internal sealed record ActivityRun(TaskActivityContext Context, DurableInput Input);

/// <summary>A serialized input, read as the parameter wants it.</summary>
internal sealed record DurableInput(string? Serialized)
{
    public object? Read(LocalFunctionContext context, ParameterInfo parameter)
    {
        object? value = Serialized is null
            ? null
            : context.InstanceServices.GetRequiredService<DataConverter>().Deserialize(Serialized, parameter.ParameterType);
        return value ?? (parameter.HasDefaultValue ? parameter.DefaultValue
            : parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType)
            : null);
    }
}

internal static class DurableFunctionFactory
{
    /// <summary>Orchestrators and activities as the durable engine runs them: inside the app's middleware.</summary>
    public static DurableFunctions Create(IReadOnlyList<LocalFunction> functions, FunctionRunner runner) => new(
        functions.Where(function => function.Trigger is OrchestrationTriggerAttribute).Select(function =>
            new OrchestratorFunction(function.Name, (context, input) => runner.RunAsync(
                function, new OrchestrationRun(context, new DurableInput(input)), null, Retry.None, CancellationToken.None))),
        functions.Where(function => function.Trigger is ActivityTriggerAttribute).Select(function =>
            new ActivityFunction(function.Name, (context, input, cancellationToken) => runner.RunAsync(
                function, new ActivityRun(context, new DurableInput(input)), null, Retry.None, cancellationToken))));
}
