using System.Globalization;
using Modeldrop.Errors;

namespace Modeldrop.Tracking.Protocol;

/// <summary>Sorts by <c>order_by</c>, such as <c>name ASC</c> or <c>metrics.auc DESC</c>.</summary>
public static class SearchOrder
{
    private const int MaxKeys = 10;

    /// <param name="orders">The most significant first; ascending unless stated.</param>
    /// <param name="valueOf">The value of an item for a key; null: the item has none, and comes last, after NaN.</param>
    /// <param name="byDefault">Applied after the requested orders.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> for an order that cannot be read.</exception>
    public static IReadOnlyList<T> Sort<T>(
        IEnumerable<T> items, IReadOnlyList<string> orders, Func<string, bool> knows, Func<T, string, string?> valueOf,
        params IReadOnlyList<string> byDefault)
    {
        if (orders.Count > MaxKeys)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"'order_by' has {orders.Count} keys; at most {MaxKeys} are accepted.");
        }

        IOrderedEnumerable<T> sorted = items.OrderBy(static _ => 0);
        foreach (string order in orders.Concat(byDefault))
        {
            (string key, bool descending) = Read(order, knows);
            Func<T, string?> value = item => valueOf(item, key);
            IComparer<string?> comparer = FilterTerm.IsNumeric(key) ? ByNumber.Instance : StringComparer.Ordinal;
            sorted = sorted.ThenBy(item => value(item) is null).ThenBy(item => comparer == ByNumber.Instance && value(item) == "NaN");
            sorted = descending ? sorted.ThenByDescending(value, comparer) : sorted.ThenBy(value, comparer);
        }

        return [.. sorted];
    }

    private static (string Key, bool Descending) Read(string order, Func<string, bool> knows)
    {
        string text = order.Trim();
        bool descending = text.EndsWith(" DESC", StringComparison.OrdinalIgnoreCase);
        bool ascending = text.EndsWith(" ASC", StringComparison.OrdinalIgnoreCase);
        string key = (descending ? text[..^5] : ascending ? text[..^4] : text).Trim().Replace("`", "", StringComparison.Ordinal)
            .Replace("\"", "", StringComparison.Ordinal);
        foreach (string prefix in (string[])["attributes.", "attribute."])
        {
            key = key.StartsWith(prefix, StringComparison.Ordinal) ? key[prefix.Length..] : key;
        }

        key = FilterReader.AttributeOf(key);
        return knows(key)
            ? (key, descending)
            : throw new ServiceException(ErrorCode.InvalidRequest, $"'{order}' is not an order that this search supports.");
    }

    private sealed class ByNumber : IComparer<string?>
    {
        public static readonly ByNumber Instance = new();

        public int Compare(string? x, string? y) => NumberOf(x).CompareTo(NumberOf(y));

        private static double NumberOf(string? text) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN;
    }
}
