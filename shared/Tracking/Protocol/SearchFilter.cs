using System.Globalization;
using System.Text.RegularExpressions;

namespace Modeldrop.Tracking.Protocol;

/// <summary>How a comparison compares.</summary>
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
/// <param name="Key">As the caller knows it: <c>name</c>, <c>tags.team</c>, <c>metrics.auc</c>.</param>
/// <param name="Values">One value; several of <c>IN</c>.</param>
public sealed record FilterTerm(string Key, FilterOperator Operator, IReadOnlyList<string> Values)
{
    /// <summary>Whether a value passes. An absent one passes only <c>!=</c> and <c>NOT IN</c>.</summary>
    public bool Passes(string? actual) => actual is null
        ? Operator is FilterOperator.NotEqual or FilterOperator.NotIn
        : Operator switch
        {
            FilterOperator.Equal => Same(actual, Values[0]),
            FilterOperator.NotEqual => !Same(actual, Values[0]),
            FilterOperator.In => Values.Any(value => Same(actual, value)),
            FilterOperator.NotIn => !Values.Any(value => Same(actual, value)),
            FilterOperator.Like => IsLike(actual, Values[0], RegexOptions.None),
            FilterOperator.ILike => IsLike(actual, Values[0], RegexOptions.IgnoreCase),
            FilterOperator.Less => Compare(actual, Values[0]) < 0,
            FilterOperator.LessOrEqual => Compare(actual, Values[0]) <= 0,
            FilterOperator.Greater => Compare(actual, Values[0]) > 0,
            _ => Compare(actual, Values[0]) >= 0,
        };

    private bool Same(string one, string other) => IsNumeric ? Compare(one, other) == 0 : one == other;

    /// <summary>Metrics, times and version numbers are compared as numbers, all others as texts.</summary>
    private bool IsNumeric => Key.StartsWith("metrics.", StringComparison.Ordinal)
        || Key is "version_number" || Key.EndsWith("_time", StringComparison.Ordinal)
        || Key.Contains("timestamp", StringComparison.Ordinal);

    private int Compare(string one, string other) =>
        IsNumeric
        && double.TryParse(one, NumberStyles.Float, CultureInfo.InvariantCulture, out double first)
        && double.TryParse(other, NumberStyles.Float, CultureInfo.InvariantCulture, out double second)
            ? first.CompareTo(second)
            : string.CompareOrdinal(one, other);

    /// <summary><c>%</c> is any text, <c>_</c> any character. Without backtracking: a pattern costs what its text is long.</summary>
    private static bool IsLike(string actual, string pattern, RegexOptions options)
    {
        string expression = Regex.Escape(pattern).Replace("%", ".*", StringComparison.Ordinal).Replace('_', '.');
        return Regex.IsMatch(
            actual, $@"\A{expression}\z",
            options | RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }
}
