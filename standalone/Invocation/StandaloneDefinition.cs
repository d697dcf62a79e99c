using System.Collections.Immutable;
using System.Reflection;

namespace Modeldrop.Standalone.Invocation;

/// <inheritdoc/>
internal sealed class StandaloneDefinition(
    string name,
    MethodInfo method,
    IImmutableDictionary<string, BindingMetadata> inputBindings) : FunctionDefinition
{
    public override ImmutableArray<FunctionParameter> Parameters { get; } =
        [.. method.GetParameters().Select(parameter => new FunctionParameter(parameter.Name!, parameter.ParameterType))];

    public override string PathToAssembly { get; } = method.Module.Assembly.Location;

    public override string EntryPoint { get; } = $"{method.DeclaringType!.FullName}.{method.Name}";

    public override string Id => Name;

    public override string Name => name;

    public override IImmutableDictionary<string, BindingMetadata> InputBindings => inputBindings;

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; } =
        ImmutableDictionary<string, BindingMetadata>.Empty;
}

/// <inheritdoc/>
internal sealed class InputBinding(string name, string type) : BindingMetadata
{
    public override string Name => name;

    public override string Type => type;

    public override BindingDirection Direction => BindingDirection.In;
}
