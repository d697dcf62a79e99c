using System.Globalization;

namespace Modeldrop.LocalHost.Http;

/// <summary>Turns the text of a route value into a parameter's type.</summary>
internal delegate bool TryParseRouteValue(string text, out object? value);

internal static class RouteValueParser
{
    private delegate bool TryParse<T>(string text, out T value);

    /// <summary>Null for a type that no route value becomes.</summary>
    public static TryParseRouteValue? Find(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) ? Text
            : type == typeof(int) ? Boxed((string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            : type == typeof(long) ? Boxed((string text, out long value) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            : type == typeof(double) ? Boxed((string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            : type == typeof(Guid) ? Boxed<Guid>(Guid.TryParse)
            : type == typeof(bool) ? Boxed<bool>(bool.TryParse)
            : type.IsEnum ? EnumName(type)
            : null;
    }

    private static bool Text(string text, out object? value)
    {
        value = text;
        return true;
    }

    private static TryParseRouteValue Boxed<T>(TryParse<T> tryParse) => (string text, out object? value) =>
    {
        bool parsed = tryParse(text, out T typed);
        value = typed;
        return parsed;
    };

    private static TryParseRouteValue EnumName(Type type) => (string text, out object? value) =>
        Enum.TryParse(type, text, ignoreCase: true, out value) && Enum.IsDefined(type, value);
}
