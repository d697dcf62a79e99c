using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;

namespace Modeldrop.Tracking.Protocol;

/// <summary>
/// The fields of a call, from the query of a <c>GET</c> or from a JSON body. Collects all violations: read every field, then call
/// <see cref="Check"/>. Unknown fields are ignored, as in MLflow's server; an empty string counts as missing. Without a request it
/// describes the fields that are read.
/// </summary>
public sealed class CallFields
{
    /// <summary>The largest body, in bytes: the most that MLflow's client sends in one <c>log-batch</c>.</summary>
    private const int MaxBytes = 1 << 20;

    private readonly Func<string, JsonElement?> _find;
    private readonly List<string> _violations;
    private readonly string _path;
    private readonly CallForm? _form;

    private CallFields(Func<string, JsonElement?> find, List<string> violations, string path = "", CallForm? form = null)
    {
        _find = find;
        _violations = violations;
        _path = path;
        _form = form;
    }

    /// <summary>Reads a call from the query.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> with all violations.</exception>
    public static TCall ReadQuery<TCall>(HttpRequest request)
        where TCall : ITrackingCall<TCall> => OfQuery(request).Read<TCall>();

    /// <summary>Reads a call from the body.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> with all violations; <see cref="ErrorCode.PayloadTooLarge"/>.
    /// </exception>
    public static async Task<TCall> ReadBodyAsync<TCall>(HttpRequest request, CancellationToken cancellationToken)
        where TCall : ITrackingCall<TCall> => (await OfBodyAsync(request, cancellationToken)).Read<TCall>();

    /// <summary>Has no values, and adds every field that is read to the form.</summary>
    internal static CallFields Describing(CallForm form) => new(static _ => null, [], form: form);

    public static CallFields OfQuery(HttpRequest request) => new(
        name => request.Query[name] switch
        {
            [] => null,
            [var one] => JsonSerializer.SerializeToElement(one),
            var many => JsonSerializer.SerializeToElement(many.ToArray()),
        },
        []);

    public static CallFields Of(JsonElement body) => new(name => Member(body, name), []);

    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> if the body is not a JSON object; <see cref="ErrorCode.PayloadTooLarge"/>.
    /// </exception>
    public static async Task<CallFields> OfBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        byte[] part = new byte[4096];
        for (int read = 1; read > 0 && body.Length <= MaxBytes; body.Write(part, 0, read))
        {
            read = await request.Body.ReadAsync(part, cancellationToken);
        }

        if (body.Length > MaxBytes)
        {
            throw new ServiceException(ErrorCode.PayloadTooLarge, $"The body has more than {MaxBytes} bytes, the limit of this call.");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body.Length == 0 ? "{}"u8.ToArray() : body.ToArray());
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Of(document.RootElement.Clone())
                : throw new ServiceException(ErrorCode.InvalidRequest, "The body must be a JSON object.");
        }
        catch (JsonException exception)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"The body is not valid JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Null when the field is absent, null or empty.</summary>
    public string? Text(string name, int maxChars = 5_000)
    {
        _form?.AddText(name, maxChars);
        string? text = _find(name) switch
        {
            { ValueKind: JsonValueKind.String } value => value.GetString(),
            { ValueKind: JsonValueKind.Number } value => value.GetRawText(),
            null or { ValueKind: JsonValueKind.Null } => null,
            _ => Refuse<string>($"'{_path}{name}' must be a string."),
        };
        return text is { Length: > 0 } && text.Length > maxChars
            ? Refuse<string>($"'{_path}{name}' has {text.Length} characters; at most {maxChars} are accepted.")
            : text is { Length: > 0 } ? text : null;
    }

    /// <summary>The text; empty if the field is missing, which <see cref="Check"/> then reports.</summary>
    public string Required(string name, int maxChars = 250)
    {
        string? text = Text(name, maxChars);
        _form?.Require(name);
        return text ?? Refuse<string>(MissingText(name)) ?? "";
    }

    /// <summary>One of the words, in any case or by its number from 1, as protobuf writes enumerations; null if there is none.</summary>
    public string? Choice(string name, IReadOnlyList<string> words)
    {
        string? text = Text(name);
        _form?.AddChoice(name, words);
        return text is null ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= words.Count
                ? words[number - 1]
            : words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase))
                ?? Refuse<string>($"'{_path}{name}' is '{text}'; it must be one of {string.Join(", ", words)}.");
    }

    /// <summary>A choice; empty if the field is missing, which <see cref="Check"/> then reports.</summary>
    public string RequiredChoice(string name, IReadOnlyList<string> words)
    {
        string? word = Choice(name, words);
        _form?.Require(name);
        return word ?? (IsMissing(name) ? Refuse<string>(MissingText(name)) : null) ?? "";
    }

    public long? Number(string name)
    {
        _form?.AddNumber(name);
        return Whole(name);
    }

    /// <param name="max">Larger values are reduced to this: MLflow's client requests a very large number to get all.</param>
    public int Count(string name, int byDefault, int max)
    {
        _form?.AddCount(name, byDefault, max);
        return Whole(name) switch
        {
            null => byDefault,
            < 1 => Refuse($"'{_path}{name}' must be 1 or more.", byDefault),
            { } number => (int)Math.Min(number, max),
        };
    }

    public double? Real(string name) => Described(name, form => form.AddReal(name)) switch
    {
        { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
        { ValueKind: JsonValueKind.String } value when double.TryParse(
            value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        null or { ValueKind: JsonValueKind.Null } => null,
        _ => Refuse<double?>($"'{_path}{name}' must be a number."),
    };

    /// <summary>The number; 0 if the field is missing, which <see cref="Check"/> then reports.</summary>
    public double RequiredReal(string name)
    {
        double? number = Real(name);
        _form?.Require(name);
        return number ?? (IsMissing(name) ? Refuse<double>(MissingText(name)) : 0);
    }

    public bool? Flag(string name) => Described(name, form => form.AddFlag(name)) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.String } value when bool.TryParse(value.GetString(), out bool flag) => flag,
        null or { ValueKind: JsonValueKind.Null } => null,
        _ => Refuse<bool?>($"'{_path}{name}' must be true or false."),
    };

    /// <summary>A list of strings; a single string counts as a list of one.</summary>
    public IReadOnlyList<string> Texts(string name) => Described(name, form => form.AddTexts(name)) switch
    {
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            [.. list.EnumerateArray().Select(item => item.GetString()!)],
        { ValueKind: JsonValueKind.String } value => [value.GetString()!],
        null or { ValueKind: JsonValueKind.Null } => [],
        _ => Refuse<IReadOnlyList<string>>($"'{_path}{name}' must be a list of strings.") ?? [],
    };

    /// <summary>A list of objects.</summary>
    public IReadOnlyList<CallFields> Objects(string name, int max)
    {
        if (_form is not null)
        {
            return [Describing(_form.AddObjects(name, max))];
        }

        return _find(name) switch
        {
            { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() > max =>
                Refuse<IReadOnlyList<CallFields>>($"'{_path}{name}' has {list.GetArrayLength()} items; at most {max} are accepted.") ?? [],
            { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object) =>
                [.. list.EnumerateArray().Select((item, index) => new CallFields(
                    field => Member(item, field), _violations, $"{_path}{name}[{index}]."))],
            null or { ValueKind: JsonValueKind.Null } => [],
            _ => Refuse<IReadOnlyList<CallFields>>($"'{_path}{name}' must be a list of objects.") ?? [],
        };
    }

    /// <summary>A list of objects, unparsed.</summary>
    public IReadOnlyList<JsonElement> Elements(string name, int max) =>
        Objects(name, max).Count == 0 || _form is not null ? [] : [.. _find(name)!.Value.EnumerateArray()];

    /// <summary>A list of <c>{"key", "value"}</c>. If a key occurs twice, the last one wins.</summary>
    public IReadOnlyDictionary<string, string> Pairs(string name, int max = 100, int maxChars = 8_000)
    {
        Dictionary<string, string> pairs = [];
        foreach (CallFields pair in Objects(name, max))
        {
            pairs[pair.Required("key")] = pair.Text("value", maxChars) ?? "";
        }

        return pairs;
    }

    /// <summary>Fields of the protocol that have no effect here. They are only described.</summary>
    public void Unused(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            _form?.AddUnused(name);
        }
    }

    /// <summary>Adds a violation that concerns several fields.</summary>
    public void Refuse(string violation) => _violations.Add(violation);

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> with all violations.</exception>
    public void Check()
    {
        if (_violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, _violations);
        }
    }

    private TCall Read<TCall>()
        where TCall : ITrackingCall<TCall>
    {
        var call = TCall.Read(this);
        Check();
        return call;
    }

    private long? Whole(string name) => _find(name) switch
    {
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out long number) => number,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out double number)
            && Math.Abs(number) < 1L << 53 && Math.Truncate(number) == number => (long)number,
        { ValueKind: JsonValueKind.String } value when long.TryParse(
            value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => number,
        null or { ValueKind: JsonValueKind.Null } => null,
        _ => Refuse<long?>($"'{_path}{name}' must be a whole number."),
    };

    private static JsonElement? Member(JsonElement body, string name) =>
        body.TryGetProperty(name, out JsonElement value) ? value : null;

    private JsonElement? Described(string name, Action<CallForm> add)
    {
        if (_form is not null)
        {
            add(_form);
        }

        return _find(name);
    }

    private bool IsMissing(string name) => _find(name) is null or { ValueKind: JsonValueKind.Null }
        || (_find(name) is { ValueKind: JsonValueKind.String } text && text.GetString()!.Length == 0);

    private string MissingText(string name) => $"Missing value for required parameter '{_path}{name}'.";

    private T? Refuse<T>(string violation, T? instead = default)
    {
        _violations.Add(violation);
        return instead;
    }
}
