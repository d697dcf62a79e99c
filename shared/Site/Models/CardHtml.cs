using Ganss.Xss;
using Markdig;
using Markdig.Syntax;

namespace Modeldrop.Site.Models;

/// <summary>Renders model cards as HTML. Anyone who may drop a model can write them, so nothing in them may run or load anything.</summary>
public static class CardHtml
{
    /// <summary>The page and its section use the two levels above.</summary>
    private const int LevelsAbove = 2;
    private const int LastLevel = 6;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().Build();

    // Pictures would be loaded from elsewhere. Everything except text, tables and links is left out.
    private static readonly HtmlSanitizer Sanitizer = new(new HtmlSanitizerOptions
    {
        AllowedTags = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
        {
            "h3", "h4", "h5", "h6", "p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "table",
            "thead", "tbody", "tr", "th", "td",
        },
        AllowedAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href", "title", "start" },
        AllowedSchemes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "http", "https", "mailto" },
        UriAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href" },
    }) { KeepChildNodes = true };

    /// <param name="markdown">The card as it was dropped.</param>
    /// <returns>The HTML, with headings of the third level and below.</returns>
    public static string Of(string markdown)
    {
        MarkdownDocument card = Markdown.Parse(markdown, Pipeline);
        foreach (HeadingBlock heading in card.Descendants<HeadingBlock>())
        {
            heading.Level = Math.Min(LastLevel, heading.Level + LevelsAbove);
        }

        return Sanitizer.Sanitize(card.ToHtml(Pipeline));
    }
}
