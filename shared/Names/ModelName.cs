using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Modeldrop.Errors;

namespace Modeldrop.Names;

/// <summary>
/// The name of a registered model: 1 to 63 letters, digits, <c>.</c>, <c>_</c>, <c>-</c>, starting with a letter or digit; case matters.
/// </summary>
[JsonConverter(typeof(Converter))]
public readonly partial record struct ModelName
{
    /// <summary>Used for drops whose folder is not a model name, so that their refusals can be stored. No model has this name.</summary>
    public static readonly ModelName Unnamed = new("$drop");

    private ModelName(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> when <paramref name="text"/> is not a name.</exception>
    public static ModelName Parse(string text) =>
        Find(text) ?? throw new ServiceException(ErrorCode.InvalidRequest,
            $"'{text}' is not a model name: 1 to 63 letters, digits, '.', '_' or '-', starting with a letter or a digit.");

    /// <summary>The name, or null if <paramref name="text"/> is not one.</summary>
    public static ModelName? Find(string? text) => text is not null && Pattern().IsMatch(text) ? new ModelName(text) : null;

    /// <summary>Reads a text that <see cref="ToString"/> wrote: a name or <see cref="Unnamed"/>; null for any other text.</summary>
    public static ModelName? FindStored(string? text) => text == Unnamed.Value ? Unnamed : Find(text);

    public override string ToString() => Value;

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    private sealed class Converter() : NameConverter<ModelName>(FindStored);
}
