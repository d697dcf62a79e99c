using System.Reflection;

namespace Modeldrop.Tests.Infra;

/// <summary>Finds every options class, by its <c>SectionName</c> constant, and the settings that it reads.</summary>
internal static class OptionsClasses
{
    public static IEnumerable<Type> Find(Assembly assembly) => assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && Section(type) is not null)
        .OrderBy(type => type.Name, StringComparer.Ordinal);

    /// <summary>The class's keys with <c>__</c> for the colon, as in environment variables and local.settings.json.</summary>
    public static IEnumerable<string> Keys(Type options) => Keys(options, Section(options)!.Replace(":", "__", StringComparison.Ordinal));

    public static string? Section(Type options) =>
        options.GetField("SectionName", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            is { IsLiteral: true } field ? (string?)field.GetRawConstantValue() : null;

    private static IEnumerable<string> Keys(Type type, string prefix)
    {
        foreach (PropertyInfo property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true }))
        {
            string key = $"{prefix}__{property.Name}";
            Type value = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            bool nested = value is { IsClass: true } && value != typeof(string) && value != typeof(Uri)
                && !typeof(System.Collections.IEnumerable).IsAssignableFrom(value);
            foreach (string leaf in nested ? Keys(value, key) : [key])
            {
                yield return leaf;
            }
        }
    }
}
