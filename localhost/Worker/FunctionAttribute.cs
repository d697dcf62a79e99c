namespace Modeldrop.LocalHost;

/// <summary>Makes a public method a function of the app.</summary>
/// <param name="name">Unique in the app, ignoring case.</param>
[AttributeUsage(AttributeTargets.Method)]
public class FunctionAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
