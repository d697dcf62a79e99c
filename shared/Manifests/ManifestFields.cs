using System.Globalization;
using System.Text.Json;
using Modeldrop.Errors;

namespace Modeldrop.Manifests;

/// <summary>The members of a JSON object, taken one by one. Violations are collected, never thrown.</summary>
internal sealed partial class ManifestFields
{
    /// <summary>Leaves room in one error for the sentence that counts the others.</summary>
    private const int MaxUnknown = ErrorText.MaxItems - 1;

    private readonly Dictionary<string, JsonElement> _members = [];
    private readonly HashSet<string> _known = [];
    private readonly string _path;
    private readonly List<string> _violations;

    // All objects of the document that a reader has read, including this one.
    private readonly List<ManifestFields> _levels;

    private ManifestFields(JsonElement? element, string path, List<string> violations, List<ManifestFields> levels)
    {
        (_path, _violations, _levels) = (path, violations, levels);
        _levels.Add(this);
        if (element is { ValueKind: JsonValueKind.Object } members)
        {
            _members = members.EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
        }
        else if (element is { } other)
        {
            violations.Add($"{(path.Length == 0 ? "The manifest" : $"'{path}'")} is {Kind(other)}, not an object.");
        }
    }

    /// <summary>Reads an element that should be an object; if it is something else, there are no members and one violation.</summary>
    public static ManifestFields Of(JsonElement element, List<string> violations) => new(element, "", violations, []);

    public bool Has(string name) => Take(name) is not null;

    public ManifestFields Object(string name) => new(Take(name), Path(name), _violations, _levels);

    public string? Text(string name, int maxLength)
    {
        if (Take(name) is not { } element)
        {
            return null;
        }

        string? text = element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        return text is null ? Wrong<string>(name, element, "text")
            : string.IsNullOrWhiteSpace(text) ? Violation<string>($"'{Path(name)}' is empty.")
            : text.Length > maxLength ? Violation<string>($"'{Path(name)}' has {text.Length} characters; at most {maxLength} are accepted.")
            : text;
    }

    /// <summary>Texts by name.</summary>
    public Dictionary<string, string> Texts(int maxCount, int maxNameLength, int maxLength)
    {
        var texts = new Dictionary<string, string>();
        _known.UnionWith(_members.Keys);
        foreach (string name in _members.Keys)
        {
            if (name.Length == 0 || name.Length > maxNameLength)
            {
                _violations.Add($"'{Path(name)}': a name here must have 1 to {maxNameLength} characters.");
            }
            else if (Take(name) is { ValueKind: JsonValueKind.String } element && element.GetString() is { Length: 0 })
            {
                texts[name] = "";
            }
            else if (Text(name, maxLength) is { } text)
            {
                texts[name] = text;
            }
        }

        if (_members.Count > maxCount)
        {
            _violations.Add($"'{_path}' has {_members.Count} members; at most {maxCount} are accepted.");
        }

        return texts;
    }

    public bool? Flag(string name) => Take(name) is not { } element ? null
        : element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean()
        : Wrong<bool?>(name, element, "true or false");

    /// <param name="open">Whether <paramref name="min"/> itself is too small.</param>
    public double? Number(string name, double min, double max, bool open = false)
    {
        if (Take(name) is not { } element)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Number || !element.TryGetDouble(out double number) || !double.IsFinite(number))
        {
            return Wrong<double?>(name, element, "a number");
        }

        return number < min || number > max || (open && number == min) ? OutOfRange(name, number, min, max, open) : number;
    }

    public int? Integer(string name, int min, int max)
    {
        if (Take(name) is not { } element)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int number))
        {
            return Wrong<int?>(name, element, "a whole number");
        }

        return number < min || number > max ? (int?)OutOfRange(name, number, min, max, open: false) : number;
    }

    /// <summary>A value of the enum, in camel case as in all documents.</summary>
    public T? Choice<T>(string name)
        where T : struct, Enum
    {
        if (Take(name) is not { } element)
        {
            return null;
        }

        foreach (T value in Enum.GetValues<T>())
        {
            if (element.ValueKind == JsonValueKind.String
                    && element.GetString() == JsonNamingPolicy.CamelCase.ConvertName(value.ToString()))
            {
                return value;
            }
        }

        IEnumerable<string> choices = Enum.GetNames<T>().Select(choice => $"'{JsonNamingPolicy.CamelCase.ConvertName(choice)}'");
        return Violation<T?>($"'{Path(name)}' is {Kind(element)}; it must be one of {string.Join(", ", choices)}.");
    }

    public T? Violation<T>(string sentence)
    {
        _violations.Add(sentence);
        return default;
    }

    public string Path(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    /// <summary>
    /// Adds a violation for every member that was not taken, because its owner believes that it has an effect. Call this once, at the end.
    /// </summary>
    public void RefuseUnknown()
    {
        (ManifestFields Level, string Name)[] unknown =
            [.. from level in _levels from name in level._members.Keys where !level._known.Contains(name) select (level, name)];
        _violations.AddRange(unknown.Take(MaxUnknown).Select(member => member.Level.Unknown(member.Name)));
        if (unknown.Length > MaxUnknown)
        {
            _violations.Add($"{unknown.Length - MaxUnknown} more members are unknown.");
        }
    }

    private string Unknown(string name)
    {
        string? meant = Suggestion.Find(name, _known) is { } near
            ? Path(near)
            : _levels.Find(level => level._known.Contains(name))?.Path(name);
        return meant is not null ? $"'{Path(name)}' is unknown; did you mean '{meant}'?"
            : $"'{Path(name)}' is unknown; the members here are {string.Join(", ", _known.Select(known => $"'{known}'"))}.";
    }

    // JSON's null means the same as an absent member.
    private JsonElement? Take(string name)
    {
        _known.Add(name);
        return _members.TryGetValue(name, out JsonElement element) && element.ValueKind != JsonValueKind.Null ? element : null;
    }

    private T? Wrong<T>(string name, JsonElement element, string expected) =>
        Violation<T>($"'{Path(name)}' is {Kind(element)}, not {expected}.");

    private double? OutOfRange(string name, double number, double min, double max, bool open)
    {
        string low = open ? "more than" : "at least";
        return Violation<double?>($"'{Path(name)}' is {Format(number)}; it must be {low} {Format(min)} and at most {Format(max)}.");
    }

    private static string Format(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => element.GetString() is { Length: <= 60 } text ? $"'{text}'" : "a long string",
        JsonValueKind.Number => element.GetRawText() is { Length: <= 40 } text ? text : "a long number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };
}
