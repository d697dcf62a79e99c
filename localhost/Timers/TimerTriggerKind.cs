using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Modeldrop.LocalHost.Timers;

internal sealed class TimerTriggerKind(IConfiguration configuration) : TriggerKind
{
    public override Type Attribute => typeof(TimerTriggerAttribute);

    public override string BindingType => "timerTrigger";

    public override bool MayRetry => true;

    public override ArgumentBinder? BindTrigger(FunctionMethod function) =>
        function.TriggerParameter.ParameterType == typeof(TimerInfo) ? context => ValueTask.FromResult<object?>(context.Trigger) : null;

    public override ArgumentBinder? BindUnattributed(FunctionMethod function, ParameterInfo parameter) => null;

    public override void Validate(FunctionMethod function)
    {
        if (TimerSchedule.Parse(((TimerTriggerAttribute)function.Trigger).Schedule, configuration, out string? error) is null)
        {
            function.ReportError(error!);
        }

        if (function.Method.GetCustomAttribute<RetryAttribute>() is { } retry && TimerPlan.RetryError(retry) is { } retryError)
        {
            function.ReportError(retryError);
        }
    }
}
