using System.Reflection;

namespace Modeldrop.LocalHost;

/// <summary>What discovery must know of one kind of trigger.</summary>
internal abstract class TriggerKind
{
    public abstract Type Attribute { get; }

    /// <summary>The binding's name on the real host, such as <c>httpTrigger</c>.</summary>
    public abstract string BindingType { get; }

    /// <summary>Whether <see cref="RetryAttribute"/> is legal; the real build refuses it elsewhere.</summary>
    public virtual bool MayRetry => false;

    /// <summary>The binder of the trigger's own parameter; null when its type is not supported.</summary>
    public abstract ArgumentBinder? BindTrigger(FunctionMethod function);

    /// <summary>The binder of a parameter without attribute; null when nothing is known of it.</summary>
    public abstract ArgumentBinder? BindUnattributed(FunctionMethod function, ParameterInfo parameter);

    /// <summary>Reports what else is wrong.</summary>
    public virtual void Validate(FunctionMethod function)
    {
    }
}

/// <summary>A method under discovery.</summary>
internal sealed record FunctionMethod(
    string Name,
    MethodInfo Method,
    ParameterInfo TriggerParameter,
    TriggerBindingAttribute Trigger,
    Action<string> ReportError);
