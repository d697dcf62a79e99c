using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace Modeldrop.Catalogue;

/// <summary>Text that is HTML already. Made from interpolated strings whose holes are encoded, so that no name can become a tag.</summary>
public readonly record struct Markup(string Html)
{
    public static readonly Markup Empty = new("");

    public static Markup Of(MarkupHandler handler) => new(handler.ToHtml());

    /// <summary>One piece behind the other.</summary>
    public static Markup All(IEnumerable<Markup> pieces) => new(string.Concat(pieces.Select(piece => piece.Html)));

    public override string ToString() => Html;
}

/// <summary>Builds <see cref="Markup"/>: literals as they are, values encoded, markup not encoded again.</summary>
[InterpolatedStringHandler]
public readonly struct MarkupHandler
{
    private readonly StringBuilder _html;

    public MarkupHandler(int literalLength, int formattedCount) => _html = new StringBuilder(literalLength + (formattedCount * 16));

    public void AppendLiteral(string literal) => _html.Append(literal);

    public void AppendFormatted(Markup markup) => _html.Append(markup.Html);

    public void AppendFormatted(string? text) => _html.Append(HtmlEncoder.Default.Encode(text ?? ""));

    public void AppendFormatted<T>(T value, string? format = null)
        where T : IFormattable =>
        AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

    internal string ToHtml() => _html.ToString();
}
