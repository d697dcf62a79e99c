using System.Reflection;
using Microsoft.DurableTask;

namespace Modeldrop.Standalone.Invocation;

/// <summary>Orchestrators: the trigger's parameter is the context, the other parameter is the input.</summary>
internal sealed class OrchestrationTriggerKind : TriggerKind
{
    public override Type Attribute => typeof(OrchestrationTriggerAttribute);

    public override string BindingType => "orchestrationTrigger";

    public override ArgumentBinder? BindTrigger(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(TaskOrchestrationContext)
            ? context => ValueTask.FromResult<object?>(((OrchestrationRun)context.Trigger).Context)
            : null;

    public override ArgumentBinder BindOther(ParameterInfo parameter) =>
        context => ValueTask.FromResult(((OrchestrationRun)context.Trigger).Input);

    /// <summary>The parameter for the input; null if there is none.</summary>
    public static ParameterInfo? InputOf(MethodInfo method) => method.GetParameters().FirstOrDefault(parameter =>
        parameter.GetCustomAttribute<OrchestrationTriggerAttribute>() is null && parameter.ParameterType != typeof(FunctionContext));
}

/// <summary>Activities: the trigger's parameter is the input.</summary>
internal sealed class ActivityTriggerKind : TriggerKind
{
    public override Type Attribute => typeof(ActivityTriggerAttribute);

    public override string BindingType => "activityTrigger";

    public override ArgumentBinder BindTrigger(ParameterInfo parameter) =>
        context => ValueTask.FromResult(((ActivityRun)context.Trigger).Input);

    /// <summary>The parameter for the input.</summary>
    public static ParameterInfo InputOf(MethodInfo method) =>
        method.GetParameters().First(parameter => parameter.GetCustomAttribute<ActivityTriggerAttribute>() is not null);
}

/// <summary>The data that an orchestrator's binders read.</summary>
internal sealed record OrchestrationRun(TaskOrchestrationContext Context, object? Input);

/// <summary>The data that an activity's binders read.</summary>
internal sealed record ActivityRun(object? Input);
