using System.Globalization;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Functions.Http;

/// <summary>Reads query parameters and collects all violations: read everything, then call <see cref="Check"/>.</summary>
internal sealed class RequestQuery(HttpRequest request)
{
    private readonly List<string> _violations = [];

    /// <summary>Null if the parameter is absent or empty.</summary>
    public string? Text(string name) => request.Query[name].FirstOrDefault() is { Length: > 0 } text ? text : null;

    /// <summary>An instant in RFC 3339, read as UTC if it has no offset.</summary>
    public DateTimeOffset? Instant(string name) =>
        Parse<DateTimeOffset>(name, "an instant such as 2026-01-31T12:00:00Z", (string text, out DateTimeOffset at) =>
            DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out at));

    public int? Number(string name, int min, int max = int.MaxValue) =>
        Parse<int>(
            name, max == int.MaxValue ? $"a whole number from {min}" : $"a whole number from {min} to {max}",
            (string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
                && text.All(char.IsAsciiDigit)
                && number >= min
                && number <= max);

    public ModelName? Model(string name, Func<string?, ModelName?>? find = null)
    {
        string? text = Text(name);
        ModelName? model = (find ?? ModelName.Find)(text);
        if (text is not null && model is null)
        {
            Refuse($"{name} '{text}' is not a model name.");
        }

        return model;
    }

    public bool? Flag(string name) => Parse<bool>(name, "true or false", bool.TryParse);

    /// <summary>
    /// A name of the enum. Numbers and combinations of names, which <see cref="Enum.TryParse{TEnum}(string, bool, out TEnum)"/> accepts
    /// too, are refused.
    /// </summary>
    public TEnum? Word<TEnum>(string name, string words)
        where TEnum : struct, Enum =>
        Parse(
            name, words,
            (string text, out TEnum value) => Enum.TryParse(text, ignoreCase: true, out value)
                && Enum.IsDefined(value)
                && text.All(char.IsAsciiLetter));

    /// <param name="words">The expected value, as it follows "must be".</param>
    public T? Parse<T>(string name, string words, TryParse<T> tryParse)
        where T : struct
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (tryParse(text, out T value))
        {
            return value;
        }

        _violations.Add($"{name} must be {words}, not '{text}'.");
        return null;
    }

    /// <summary>Adds a violation that concerns several parameters.</summary>
    public void Refuse(string violation) => _violations.Add(violation);

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> with all violations.</exception>
    public void Check()
    {
        if (_violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, _violations);
        }
    }

    public delegate bool TryParse<T>(string text, out T value);
}
