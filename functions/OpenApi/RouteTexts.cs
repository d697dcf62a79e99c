using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;

namespace Modeldrop.Functions.OpenApi;

/// <summary>The text of a route in the documents.</summary>
/// <param name="Query">The query parameters.</param>
/// <param name="What">Markdown.</param>
internal sealed record RouteText(IReadOnlyList<string> Query, string What);

/// <summary>An example of a body.</summary>
/// <param name="What">Markdown; may be empty.</param>
internal sealed record BodyExample(string ContentType, string Text, string What);

/// <summary>Reads the texts of the description from <c>docs/routes.md</c> and <c>docs/requests.md</c>.</summary>
internal static partial class RouteTexts
{
    /// <summary>Texts by route, such as <c>GET /api/models/{}</c>.</summary>
    public static FrozenDictionary<string, RouteText> ReadRoutes() =>
        (from row in Row().Matches(Read("docs/routes.md"))
         from route in Route().Matches(row.Groups["routes"].Value)
         let key = $"{route.Groups["verb"].Value} {ApiRoute.ShapeOf(route.Groups["path"].Value)}"
         let query = QueryName().Matches(route.Groups["query"].Value).Select(name => name.Groups[1].Value)
         group (Query: query, What: Plain(row.Groups["what"].Value)) by key)
        .ToFrozenDictionary(
            group => group.Key,
            group => new RouteText([.. group.SelectMany(text => text.Query).Distinct()], group.First().What), StringComparer.Ordinal);

    /// <summary>Examples by the route in the document, which has <c>flights</c>, <c>canary</c> and ids in place of parameters.</summary>
    public static IReadOnlyList<(string Verb, Regex Path, BodyExample Example)> ReadExamples() =>
        [.. from section in Read("docs/requests.md").Split("\n## ").Skip(1)
            let heading = Heading().Match(section)
            where heading.Success
            from block in Block().Matches(section)
            let type = block.Groups["format"].Value switch
            {
                "csv" => "text/csv", "jsonl" => "application/x-ndjson", _ => "application/json",
            }
            let path = new Regex($"^{PathOf(heading.Groups["path"].Value)}$", RegexOptions.CultureInvariant)
            select (heading.Groups["verb"].Value, path,
                new BodyExample(type, block.Groups["text"].Value.Trim(), Plain(block.Groups["before"].Value.Trim())))];

    // /api/models/flights/aliases/canary is an example of /api/models/{model}/aliases/{alias}.
    private static string PathOf(string written) => string.Join('/', written.Split('/').Select(part =>
        part is "flights" or "canary" or "delays" || part.StartsWith('<') ? @"\{\w+\}" : Regex.Escape(part)));

    /// <summary>Replaces links to other documents by their text, since they lead nowhere outside the repository.</summary>
    private static string Plain(string markdown) => Link().Replace(markdown, link =>
        link.Groups["target"].Value.Contains("://", StringComparison.Ordinal) ? link.Value : link.Groups["words"].Value)
        .Replace(@"\|", "|", StringComparison.Ordinal);

    private static string Read(string name)
    {
        using Stream stream = typeof(RouteTexts).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    // | `GET /api/models?search=` · `PATCH /api/models/{m}` | what |
    [GeneratedRegex(@"^\| (?<routes>`(?:GET|POST|PUT|PATCH|DELETE) (?:\\\||[^|\n])*) \| (?<what>.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<verb>GET|POST|PUT|PATCH|DELETE) (?<path>/[^`\s?]*)(?:\?(?<query>[^`]*))?`")]
    private static partial Regex Route();

    [GeneratedRegex(@"(\w+)=")]
    private static partial Regex QueryName();

    [GeneratedRegex(@"\[(?<words>[^\]]*)\]\((?<target>[^)\s]*)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\A`(?<verb>[A-Z]+) (?<path>[^`?]+)[^`]*`")]
    private static partial Regex Heading();

    // A block of code, with the paragraph before it.
    [GeneratedRegex(@"(?:(?<=\n\n)(?<before>[^`\n](?:.+\n)+?)\n)?```(?<format>json|jsonl|csv)\n(?<text>[\s\S]*?)\n```")]
    private static partial Regex Block();
}
