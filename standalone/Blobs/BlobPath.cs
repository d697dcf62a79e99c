using System.Text;
using System.Text.RegularExpressions;

namespace Modeldrop.Standalone.Blobs;

/// <summary>The path of a blob trigger: <c>container/prefix{token}suffix</c>. A token matches any text, including slashes.</summary>
internal sealed class BlobPath
{
    private readonly Regex _names;

    private BlobPath(string container, string prefix, string expression)
    {
        Container = container;
        Prefix = prefix;
        _names = new Regex($"^{expression}$", RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    public string Container { get; }

    /// <summary>The prefix of all matching blobs' names.</summary>
    public string Prefix { get; }

    /// <summary>Returns the tokens of a blob's name; null if it does not match.</summary>
    public Dictionary<string, object?>? Match(string blobName)
    {
        Match match = _names.Match(blobName);
        return match.Success
            ? match.Groups.Values.Skip(1).ToDictionary(group => group.Name, group => (object?)group.Value, StringComparer.OrdinalIgnoreCase)
            : null;
    }

    /// <returns>Null if <paramref name="error"/> says what is wrong.</returns>
    public static BlobPath? Parse(string path, out string? error)
    {
        error = null;
        int slash = path.IndexOf('/', StringComparison.Ordinal);
        string container = slash < 0 ? path : path[..slash];
        if (!Regex.IsMatch(container, "^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$"))
        {
            error = $"the blob path '{path}' must begin with the name of a container.";
            return null;
        }

        string pattern = slash < 0 ? "{name}" : path[(slash + 1)..];
        var expression = new StringBuilder();
        string? prefix = null;
        var literal = new StringBuilder();
        HashSet<string> tokens = [];
        for (int index = 0; index < pattern.Length; index++)
        {
            char c = pattern[index];
            bool doubled = index + 1 < pattern.Length && pattern[index + 1] == c;
            int end = pattern.IndexOf('}', index);
            if (c is '{' or '}' && doubled)
            {
                // "{{" and "}}" are escapes for a single brace.
                literal.Append(c);
                index++;
            }
            else if (c == '{' && end > 0 && IsToken(pattern[(index + 1)..end]) && tokens.Add(pattern[(index + 1)..end]))
            {
                prefix ??= literal.ToString();
                expression.Append(Regex.Escape(literal.ToString())).Append("(?<").Append(pattern, index + 1, end - index - 1)
                    .Append(">.*)");
                literal.Clear();
                index = end;
            }
            else if (c is '{' or '}')
            {
                error = $"the blob path '{path}' has a brace that begins or ends no {{token}}, or a token twice.";
                return null;
            }
            else
            {
                literal.Append(c);
            }
        }

        if (pattern.Length == 0)
        {
            error = $"the blob path '{path}' names no blob.";
            return null;
        }

        expression.Append(Regex.Escape(literal.ToString()));
        return new BlobPath(container, prefix ?? literal.ToString(), expression.ToString());
    }

    private static bool IsToken(string text) => Regex.IsMatch(text, "^[A-Za-z][A-Za-z0-9_]*$");
}
