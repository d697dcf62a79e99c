using System.Globalization;
using System.Text.Json;

namespace Modeldrop.Manifests;

/// <summary>Members with several values.</summary>
internal sealed partial class ManifestFields
{
    /// <summary>Whole numbers; null if absent or if one of them is not a whole number.</summary>
    public IReadOnlyList<int>? Integers(string name)
    {
        if (Take(name) is not { } element)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Array)
        {
            return Wrong<IReadOnlyList<int>>(name, element, "a list of whole numbers");
        }

        var numbers = new List<int>();
        foreach (JsonElement item in element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int number))
            {
                return Violation<IReadOnlyList<int>>($"'{Path(name)}' contains {Kind(item)}; it must be a list of whole numbers.");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    /// <summary>Texts in a list; null if absent or if one of them is not a text.</summary>
    public IReadOnlyList<string>? TextList(string name, int maxCount)
    {
        if (Take(name) is not { } element)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Array)
        {
            return Wrong<IReadOnlyList<string>>(name, element, "a list of strings");
        }

        if (element.GetArrayLength() > maxCount)
        {
            return Violation<IReadOnlyList<string>>(
                $"'{Path(name)}' has {element.GetArrayLength()} entries; at most {maxCount} are accepted.");
        }

        JsonElement[] wrong = [.. element.EnumerateArray().Where(item => item.ValueKind != JsonValueKind.String).Take(1)];
        return wrong is [var first]
            ? Violation<IReadOnlyList<string>>($"'{Path(name)}' contains {Kind(first)}; it must be a list of strings.")
            : [.. element.EnumerateArray().Select(item => item.GetString()!)];
    }

    /// <summary>Names of all members, which count as known from then on; members that are null are left out.</summary>
    public IReadOnlyList<string> Members(int maxCount, int maxNameLength)
    {
        if (_members.Count > maxCount)
        {
            _violations.Add($"'{_path}' has {_members.Count} members; at most {maxCount} are accepted.");
        }

        foreach (string name in _members.Keys.Where(name => name.Length == 0 || name.Length > maxNameLength))
        {
            _violations.Add($"'{Path(name)}': a name here must have 1 to {maxNameLength} characters.");
        }

        return [.. _members.Keys.Take(maxCount).Where(Has)];
    }

    /// <summary>Lists of different texts; null if absent or if an element has another type.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? NameLists(string name, int maxLists, int maxNames, int maxLength)
    {
        if (Take(name) is not { } element)
        {
            return null;
        }

        bool isFine = element.ValueKind == JsonValueKind.Array && element.GetArrayLength() <= maxLists && element.EnumerateArray()
            .All(list =>
            list.ValueKind == JsonValueKind.Array && list.GetArrayLength() >= 1 && list.GetArrayLength() <= maxNames
            && list.EnumerateArray()
                .All(item => item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 } text && text.Length <= maxLength)
            && list.EnumerateArray().Select(item => item.GetString()).Distinct().Count() == list.GetArrayLength());
        return isFine
            ? [.. element.EnumerateArray()
                .Select(list => (IReadOnlyList<string>)[.. list.EnumerateArray().Select(item => item.GetString()!)])]
            : Violation<IReadOnlyList<IReadOnlyList<string>>>(
                $"'{Path(name)}' is {Kind(element)}; write at most {maxLists} lists of 1 to {maxNames} different names, such as "
                    + $"[[\"origin\"]].");
    }

    public bool IsList(string name) => Take(name) is { ValueKind: JsonValueKind.Array };

    /// <summary>Different texts, whole numbers or booleans, as texts; null if absent or if one of them has another type.</summary>
    public IReadOnlyList<string>? Names(string name, int maxCount, int maxLength)
    {
        if (Take(name) is not { } element)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Array)
        {
            return Wrong<IReadOnlyList<string>>(name, element, "a list of names");
        }

        if (element.GetArrayLength() is var count && (count == 0 || count > maxCount))
        {
            return Violation<IReadOnlyList<string>>($"'{Path(name)}' has {count} members; it must have 1 to {maxCount}.");
        }

        var names = new List<string>();
        foreach (JsonElement item in element.EnumerateArray())
        {
            string? text = item.ValueKind switch
            {
                JsonValueKind.String => item.GetString(),
                JsonValueKind.Number when item.TryGetInt64(out long number) => number.ToString(CultureInfo.InvariantCulture),
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => null,
            };
            if (text is not { Length: > 0 } || text.Length > maxLength || names.Contains(text))
            {
                return Violation<IReadOnlyList<string>>(
                    $"'{Path(name)}' contains {Kind(item)}{(text is not null && names.Contains(text) ? " twice" : "")}; it must be a list "
                        + $"of different strings or whole numbers.");
            }

            names.Add(text);
        }

        return names;
    }
}
