using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Modeldrop.Errors;

namespace Modeldrop.Names;

/// <summary>
/// The name of an alias: letters, digits, <c>_</c>, <c>-</c>. Numbers, <c>v1</c> and <c>latest</c> are refused because they mean versions;
/// <c>candidate</c> because it is the version that a rollout sends traffic to; and <c>Champion</c> because it is easily mistaken for
/// <c>champion</c>.
/// </summary>
[JsonConverter(typeof(Converter))]
public readonly partial record struct AliasName
{
    public static readonly AliasName Champion = new("champion");

    /// <summary>A reserved alias that cannot be set: the version that a traffic split is about.</summary>
    public const string Candidate = "candidate";

    private AliasName(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> when <paramref name="text"/> is not an alias.</exception>
    public static AliasName Parse(string text) =>
        Find(text) ?? throw new ServiceException(ErrorCode.InvalidRequest,
            $"'{text}' is not an alias: 1 to 63 letters, digits, '_' or '-'; not a number, not 'v' and a number, not 'latest', not "
                + $"'candidate', and 'champion' and 'challenger' in lower case.");

    /// <summary>The alias, or null if <paramref name="text"/> is not one.</summary>
    public static AliasName? Find(string? text) => text is not null && Pattern().IsMatch(text) ? new AliasName(text) : null;

    public override string ToString() => Value;

    [GeneratedRegex(
        @"^(?!(?i:latest|candidate|v?[0-9]+)\z)(?:(?=(?:champion|challenger)\z)|(?!(?i:champion|challenger)\z))[A-Za-z0-9_-]{1,63}\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    private sealed class Converter() : NameConverter<AliasName>(Find);
}
