using Modeldrop.Names;

namespace Modeldrop.Access;

/// <summary>The models to which a grant applies: all, or some by name or by tag. Immutable.</summary>
public sealed class Scope
{
    /// <summary>The whole installation.</summary>
    public static readonly Scope All = new([], []);

    private const string ModelPrefix = "model:";
    private const string TagPrefix = "tag:";
    private const int MaxItems = 50;

    private readonly string[] _models;
    private readonly KeyValuePair<string, string>[] _tags;

    private Scope(string[] models, KeyValuePair<string, string>[] tags)
    {
        _models = models;
        _tags = tags;
    }

    public bool IsAll => _models.Length == 0 && _tags.Length == 0;

    /// <summary><c>model:flights</c>, <c>tag:team=ops</c>; empty: the whole installation.</summary>
    public IReadOnlyList<string> Items =>
        [.. _models.Select(model => ModelPrefix + model), .. _tags.Select(tag => $"{TagPrefix}{tag.Key}={tag.Value}")];

    /// <summary>Parses the format of <see cref="Items"/>.</summary>
    /// <param name="violations">Receives the violations.</param>
    public static Scope Parse(IReadOnlyList<string>? items, ICollection<string> violations)
    {
        if (items is not { Count: > 0 })
        {
            return All;
        }

        if (items.Count > MaxItems)
        {
            violations.Add($"'scope' has {items.Count} items; it may have {MaxItems}.");
        }

        List<string> models = [];
        List<KeyValuePair<string, string>> tags = [];
        foreach (string item in items)
        {
            int equals = item.IndexOf('=', StringComparison.Ordinal);
            if (item.StartsWith(ModelPrefix, StringComparison.Ordinal) && ModelName.Find(item[ModelPrefix.Length..]) is { } model)
            {
                models.Add(model.Value);
            }
            else if (item.StartsWith(TagPrefix, StringComparison.Ordinal) && equals > TagPrefix.Length)
            {
                tags.Add(KeyValuePair.Create(item[TagPrefix.Length..equals], item[(equals + 1)..]));
            }
            else
            {
                violations.Add($"'{item}' in 'scope' must be 'model:<name>' or 'tag:<name>=<value>'.");
            }
        }

        return new Scope([.. models], [.. tags]);
    }

    /// <param name="model">Null: the request concerns no single model, so only the whole installation covers it.</param>
    /// <param name="tagsOf">Returns the tags of a model; null for an unknown one.</param>
    public bool Covers(string? model, Func<string, IReadOnlyDictionary<string, string>?> tagsOf)
    {
        if (IsAll)
        {
            return true;
        }

        if (model is null)
        {
            return false;
        }

        return Array.IndexOf(_models, model) >= 0
            || (_tags.Length > 0 && tagsOf(model) is { } tags && Array.Exists(
                _tags, tag => tags.TryGetValue(tag.Key, out string? value) && value == tag.Value));
    }

    public override string ToString() => IsAll ? "all models" : string.Join(", ", Items);
}
