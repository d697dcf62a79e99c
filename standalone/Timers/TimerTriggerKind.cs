using System.Reflection;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone.Timers;

/// <summary>Timers: the trigger's parameter describes the run.</summary>
internal sealed class TimerTriggerKind : TriggerKind
{
    public override Type Attribute => typeof(TimerTriggerAttribute);

    public override string BindingType => "timerTrigger";

    public override ArgumentBinder? BindTrigger(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(TimerInfo) ? context => ValueTask.FromResult<object?>(context.Trigger) : null;
}
