using System.Reflection;

namespace Modeldrop.LocalHost;

public static class LocalFunctionsExtensions
{
    /// <summary>
    /// Adds the functions of another assembly to those of the entry assembly. Only here: the real build finds the functions
    /// of referenced assemblies by itself.
    /// </summary>
    public static FunctionsApplicationBuilder AddFunctions(this FunctionsApplicationBuilder builder, Assembly assembly)
    {
        builder.AddedFunctionTypes.AddRange(assembly.GetTypes());
        return builder;
    }
}
