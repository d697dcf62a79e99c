using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Modeldrop.Errors;

namespace Modeldrop.Names;

/// <summary>
/// The name of a data set: 1 to 128 letters, digits, <c>.</c>, <c>_</c>, <c>-</c>, starting with a letter or digit; case matters.
/// </summary>
/// <remarks>Longer than a model's name, so that it can be derived from one.</remarks>
[JsonConverter(typeof(Converter))]
public readonly partial record struct DatasetName
{
    internal const string Rule = "1 to 128 letters, digits, '.', '_' or '-', starting with a letter or a digit";

    private DatasetName(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> when <paramref name="text"/> is not a name.</exception>
    public static DatasetName Parse(string text) =>
        Find(text) ?? throw new ServiceException(ErrorCode.InvalidRequest, $"'{text}' is not the name of a data set: {Rule}.");

    /// <summary>The name, or null if <paramref name="text"/> is not one.</summary>
    public static DatasetName? Find(string? text) => text is not null && Pattern().IsMatch(text) ? new DatasetName(text) : null;

    public override string ToString() => Value;

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    private sealed class Converter() : NameConverter<DatasetName>(Find);
}
