using System.Reflection;

namespace Modeldrop.Standalone.Invocation;

/// <summary>How the functions of one kind of trigger get their arguments.</summary>
internal abstract class TriggerKind
{
    public abstract Type Attribute { get; }

    /// <summary>The binding's name in the worker, such as <c>httpTrigger</c>.</summary>
    public abstract string BindingType { get; }

    /// <summary>The binder of the trigger's own parameter; null when its type is not supported.</summary>
    public abstract ArgumentBinder? BindTrigger(ParameterInfo parameter);

    /// <summary>The binder of another parameter without an attribute; null when the kind has no value for it.</summary>
    public virtual ArgumentBinder? BindOther(ParameterInfo parameter) => null;
}
