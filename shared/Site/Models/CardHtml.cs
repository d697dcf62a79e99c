using Ganss.Xss;
using Markdig;
using Markdig.Syntax;

namespace Modeldrop.Site.Models;

/// <summary>Model cards as HTML. Whoever may drop a model writes them, so nothing in them may run or load anything.</summary>
public static class CardHtml
{
    /// <summary>The page and its section have the two levels above.</summary>
    private const int LevelsAbove = 2;
    private const int LastLevel = 6;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().Build();

    // Pictures would be loaded from elsewhere; everything else that is not text, table or link is left out.
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

    /// <param name="markdown">As it was dropped.</param>
    /// <returns>Headings begin at the third level.</returns>
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
