using System.Text.RegularExpressions;
using Modeldrop.Errors;

namespace Modeldrop.Tracking.Protocol;

/// <summary>
/// Reads filters such as <c>name LIKE 'flight%' AND tags.`my team` = 'ops'</c>: the subset of SQL that MLflow's clients send.
/// </summary>
public static partial class FilterReader
{
    private const int MaxChars = 5_000;
    private const int MaxTerms = 50;

    private static readonly Dictionary<string, FilterOperator> Operators = new(StringComparer.OrdinalIgnoreCase)
    {
        ["="] = FilterOperator.Equal,
        ["=="] = FilterOperator.Equal,
        ["!="] = FilterOperator.NotEqual,
        ["<>"] = FilterOperator.NotEqual,
        ["<"] = FilterOperator.Less,
        ["<="] = FilterOperator.LessOrEqual,
        [">"] = FilterOperator.Greater,
        [">="] = FilterOperator.GreaterOrEqual,
        ["LIKE"] = FilterOperator.Like,
        ["ILIKE"] = FilterOperator.ILike,
        ["IN"] = FilterOperator.In,
        ["NOT IN"] = FilterOperator.NotIn,
    };

    /// <param name="filter">Null: everything matches.</param>
    /// <param name="knows">Whether a key is allowed. Keys that end with a dot are families, such as <c>tags.</c>.</param>
    /// <param name="keys">Description of the keys, for the error.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> with the part that cannot be read.</exception>
    public static IReadOnlyList<FilterTerm> Read(string? filter, Func<string, bool> knows, string keys)
    {
        List<FilterTerm> terms = [];
        string text = filter?.Trim() ?? "";
        if (text.Length > MaxChars)
        {
            throw Wrong($"the filter has more than {MaxChars} characters");
        }

        int at = 0;
        while (at < text.Length)
        {
            Match match = Term().Match(text, at);
            if (!match.Success || match.Index != at || terms.Count == MaxTerms)
            {
                throw Wrong(terms.Count == MaxTerms
                    ? $"the filter has more than {MaxTerms} comparisons"
                    : $"the filter cannot be read at '{text[at..Math.Min(text.Length, at + 40)]}'; it must be comparisons such as "
                        + "name = 'flights', joined by AND, with texts in single quotes");
            }

            terms.Add(TermOf(match, knows, keys));
            at += match.Length;
            if (at < text.Length)
            {
                Match and = And().Match(text, at);
                if (!and.Success || and.Index != at || and.Index + and.Length == text.Length)
                {
                    throw Wrong(
                        $"the filter cannot be read at '{text[at..Math.Min(text.Length, at + 40)]}'; comparisons are joined by AND");
                }

                at += and.Length;
            }
        }

        return terms;
    }

    private static FilterTerm TermOf(Match match, Func<string, bool> knows, string keys)
    {
        string key = KeyOf(match.Groups["family"].Value, match.Groups["name"].Value);
        if (!knows(key))
        {
            throw Wrong($"'{key}' is not a key of this filter; the keys are {keys}");
        }

        string word = Spaces().Replace(match.Groups["operator"].Value, " ");
        FilterOperator used = Operators[word];
        string[] values = [.. Value().Matches(match.Groups["value"].Value).Select(value => Unquoted(value.Value))];
        bool isList = match.Groups["value"].Value.StartsWith('(');
        return isList == used is FilterOperator.In or FilterOperator.NotIn && values.Length > 0
            ? new FilterTerm(key, used, values)
            : throw Wrong($"'{word}' needs {(isList ? "a single value" : "a list such as ('a', 'b')")}");
    }

    private static string KeyOf(string family, string name)
    {
        string plain = name is ['`' or '"', .., '`' or '"'] ? name[1..^1] : name;
        return family.TrimEnd('.').ToLowerInvariant() switch
        {
            "" or "attributes" or "attribute" or "attr" or "run" => AttributeOf(plain),
            "tags" or "tag" => $"tags.{plain}",
            "params" or "param" or "parameters" or "parameter" => $"params.{plain}",
            "metrics" or "metric" => $"metrics.{plain}",
            var other => $"{other}.{plain}",
        };
    }

    /// <summary>The attribute that has this name or alias.</summary>
    internal static string AttributeOf(string name) => name switch
    {
        "Run ID" or "run_uuid" => "run_id",
        "Run Name" => "run_name",
        "created" or "Created" => "start_time",
        _ => name,
    };

    private static string Unquoted(string value) => value switch
    {
        ['\'', ..] => value[1..^1].Replace("''", "'", StringComparison.Ordinal),
        ['"', ..] => value[1..^1],
        _ => value,
    };

    private static ServiceException Wrong(string reason) => new(ErrorCode.InvalidRequest, $"Invalid filter: {reason}.");

    [GeneratedRegex(
        """
        \s*(?<family>(?:[A-Za-z_]+)\.)?(?<name>`[^`]+`|"[^"]+"|[A-Za-z0-9_./-]+)\s*
        (?<operator>==|!=|<>|<=|>=|=|<|>|NOT\s+IN\b|IN\b|I?LIKE\b)\s*
        (?<value>'(?:[^']|'')*'|"[^"]*"|-?\.?[0-9][0-9.eE+-]*
        |\(\s*(?:'(?:[^']|'')*'|"[^"]*"|-?[0-9.]+)\s*(?:,\s*(?:'(?:[^']|'')*'|"[^"]*"|-?[0-9.]+)\s*)*\))\s*
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Term();

    [GeneratedRegex(@"AND\b\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex And();

    [GeneratedRegex("""'(?:[^']|'')*'|"[^"]*"|-?\.?[0-9][0-9.eE+-]*""", RegexOptions.CultureInvariant)]
    private static partial Regex Value();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();
}
