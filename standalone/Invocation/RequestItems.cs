using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace Modeldrop.Standalone.Invocation;

/// <summary>The items of a run that handles a request. Usually the request is the only item, so no dictionary is created for it.</summary>
internal sealed class RequestItems(HttpContext http) : IDictionary<object, object>
{
    /// <summary>The key that the worker's <c>GetHttpContext()</c> reads.</summary>
    private const string HttpContextKey = "HttpRequestContext";

    private Dictionary<object, object>? _items;

    public int Count => Items.Count;

    public bool IsReadOnly => false;

    public ICollection<object> Keys => Items.Keys;

    public ICollection<object> Values => Items.Values;

    private Dictionary<object, object> Items => _items ??= new() { [HttpContextKey] = http };

    public object this[object key]
    {
        get => Items[key];
        set => Items[key] = value;
    }

    public bool TryGetValue(object key, [MaybeNullWhen(false)] out object value)
    {
        if (_items is null && key is HttpContextKey)
        {
            value = http;
            return true;
        }

        return Items.TryGetValue(key, out value);
    }

    public bool ContainsKey(object key) => Items.ContainsKey(key);

    public bool Contains(KeyValuePair<object, object> item) => Items.Contains(item);

    public void Add(object key, object value) => Items.Add(key, value);

    public void Add(KeyValuePair<object, object> item) => Items.Add(item.Key, item.Value);

    public bool Remove(object key) => Items.Remove(key);

    public bool Remove(KeyValuePair<object, object> item) => ((ICollection<KeyValuePair<object, object>>)Items).Remove(item);

    public void Clear() => Items.Clear();

    public void CopyTo(KeyValuePair<object, object>[] array, int arrayIndex) =>
        ((ICollection<KeyValuePair<object, object>>)Items).CopyTo(array, arrayIndex);

    public IEnumerator<KeyValuePair<object, object>> GetEnumerator() => Items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
