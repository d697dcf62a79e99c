using System.Globalization;

namespace Modeldrop.Tracking.Protocol;

/// <summary>The operator of a comparison.</summary>
public enum FilterOperator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
    ILike,
    In,
    NotIn,
}

/// <summary>One comparison of a filter.</summary>
/// <param name="Key">In the caller's words: <c>name</c>, <c>tags.team</c>, <c>metrics.auc</c>.</param>
/// <param name="Values">One value; several for <c>IN</c>.</param>
public sealed record FilterTerm(string Key, FilterOperator Operator, IReadOnlyList<string> Values)
{
    // MLflow's clients exclude prompts in this way, which must not exclude models.
    private const string PromptTag = "tags.mlflow.prompt.is_prompt";

    /// <summary>
    /// Whether a value matches. A missing value matches no operator, not even <c>!=</c>; the tag that marks prompts is an exception.
    /// </summary>
    public bool Passes(string? actual) => actual is null
        ? Key == PromptTag && Operator is FilterOperator.NotEqual or FilterOperator.NotIn
        : Operator switch
        {
            FilterOperator.Equal => Same(actual, Values[0]),
            FilterOperator.NotEqual => !Same(actual, Values[0]),
            FilterOperator.In => Values.Any(value => Same(actual, value)),
            FilterOperator.NotIn => !Values.Any(value => Same(actual, value)),
            FilterOperator.Like => IsLike(actual, Values[0], ignoreCase: false),
            FilterOperator.ILike => IsLike(actual, Values[0], ignoreCase: true),
            FilterOperator.Less => Compare(actual, Values[0]) < 0,
            FilterOperator.LessOrEqual => Compare(actual, Values[0]) <= 0,
            FilterOperator.Greater => Compare(actual, Values[0]) > 0,
            _ => Compare(actual, Values[0]) >= 0,
        };

    private bool Same(string one, string other) => IsNumeric(Key) ? Compare(one, other) == 0 : one == other;

    /// <summary>Metrics, times and version numbers are compared as numbers, all others as strings.</summary>
    internal static bool IsNumeric(string key) => key.StartsWith("metrics.", StringComparison.Ordinal)
        || (!key.Contains('.') && (key is "version_number" || key.EndsWith("_time", StringComparison.Ordinal)
            || key.Contains("timestamp", StringComparison.Ordinal)));

    private int Compare(string one, string other) =>
        IsNumeric(Key)
        && double.TryParse(one, NumberStyles.Float, CultureInfo.InvariantCulture, out double first)
        && double.TryParse(other, NumberStyles.Float, CultureInfo.InvariantCulture, out double second)
            ? first.CompareTo(second)
            : string.CompareOrdinal(one, other);

    /// <summary>
    /// <c>%</c> is any text, <c>_</c> any character. Backtracks to the last <c>%</c> only, so the cost is at most the product of both
    /// lengths.
    /// </summary>
    private static bool IsLike(string text, string pattern, bool ignoreCase)
    {
        int at = 0;
        int next = 0;
        int star = -1;
        int resume = 0;
        while (at < text.Length)
        {
            if (next < pattern.Length && pattern[next] == '%')
            {
                star = next++;
                resume = at;
            }
            else if (next < pattern.Length && (pattern[next] == '_' || IsSame(pattern[next], text[at], ignoreCase)))
            {
                next++;
                at++;
            }
            else if (star >= 0)
            {
                next = star + 1;
                at = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(next).Trim('%').IsEmpty;
    }

    private static bool IsSame(char one, char other, bool ignoreCase) =>
        one == other || (ignoreCase && char.ToUpperInvariant(one) == char.ToUpperInvariant(other));
}
