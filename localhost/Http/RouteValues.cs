using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Modeldrop.LocalHost.Http;

/// <summary>The values of a route's few parameters, by name without case: an array beside the route's own names, not a dictionary a request.</summary>
internal sealed class RouteValues(string[] names, object?[] values) : IReadOnlyDictionary<string, object?>
{
    public int Count => names.Length;

    public IEnumerable<string> Keys => names;

    public IEnumerable<object?> Values => values;

    public object? this[string key] => TryGetValue(key, out object? value) ? value : throw new KeyNotFoundException($"The route has no parameter '{key}'.");

    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value)
    {
        int index = IndexOf(key);
        value = index < 0 ? null : values[index];
        return index >= 0;
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => names.Zip(values, (name, value) => new KeyValuePair<string, object?>(name, value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int IndexOf(string key)
    {
        for (int index = 0; index < names.Length; index++)
        {
            if (names[index].Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                return index;
            }
        }

        return -1;
    }
}
