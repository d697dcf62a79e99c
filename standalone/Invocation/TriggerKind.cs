using System.Reflection;

namespace Modeldrop.Standalone.Invocation;

/// <summary>Binds the arguments of functions with one kind of trigger.</summary>
internal abstract class TriggerKind
{
    public abstract Type Attribute { get; }

    /// <summary>The binding's name in the worker, such as <c>httpTrigger</c>.</summary>
    public abstract string BindingType { get; }

    /// <summary>Returns the binder of the trigger's own parameter; null if its type is not supported.</summary>
    public abstract ArgumentBinder? BindTrigger(ParameterInfo parameter);

    /// <summary>Returns the binder of another parameter without an attribute; null if the kind has no value for it.</summary>
    public virtual ArgumentBinder? BindOther(ParameterInfo parameter) => null;
}
