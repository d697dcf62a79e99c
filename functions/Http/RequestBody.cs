using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Functions.Http;

/// <summary>
/// Reads JSON bodies. A body that does not fit is the caller's 400, with all violations. An unknown member is a violation too, because it
/// would be ignored.
/// </summary>
internal static class RequestBody
{
    /// <summary>Largest body in bytes; a document written by a person or a script has some hundreds.</summary>
    private const int MaxBytes = 1 << 20;

    /// <summary>More than any route knows; a body with more is refused before they are looked at.</summary>
    private const int MaxMembers = 100;

    /// <param name="optional">Whether an absent body means <c>{}</c>.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/>; <see cref="ErrorCode.PayloadTooLarge"/>; <see cref="ErrorCode.UnsupportedEncoding"/>.
    /// </exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, bool optional, CancellationToken cancellationToken)
        where T : class
    {
        CheckEncoding(request);
        ReadOnlySequence<byte> body = await ReadAsync(request, cancellationToken);
        try
        {
            return !body.IsEmpty ? Parse<T>(body)
                : optional ? Parse<T>(new ReadOnlySequence<byte>("{}"u8.ToArray()))
                : throw new ServiceException(ErrorCode.InvalidRequest, $"The body is empty; {Members<T>()}");
        }
        finally
        {
            request.BodyReader.AdvanceTo(body.End);
        }
    }

    /// <returns>The body in the server's own memory; the caller releases it.</returns>
    private static async Task<ReadOnlySequence<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes)
        {
            throw TooLarge();
        }

        while (true)
        {
            ReadResult read = await request.BodyReader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > MaxBytes)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                throw TooLarge();
            }

            if (read.IsCompleted)
            {
                return read.Buffer;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static ServiceException TooLarge() => new(ErrorCode.PayloadTooLarge,
        $"The body exceeds {MaxBytes} bytes, the limit of this route. Models, data and feedback have routes of their own.");

    private static T Parse<T>(ReadOnlySequence<byte> body)
        where T : class
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            ViolationList violations = Check<T>(document.RootElement);
            return violations.Count == 0
                ? document.RootElement.Deserialize<T>(StoredJson.Options)!
                : throw violations.ToException(ErrorCode.InvalidRequest);
        }
        catch (JsonException exception)
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                $"The body is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}; {Members<T>()}",
                exception);
        }
    }

    /// <summary>Refuses compressed bodies: management routes accept only plain ones.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.UnsupportedEncoding"/>.</exception>
    public static void CheckEncoding(HttpRequest request)
    {
        string encoding = request.Headers[HeaderNames.ContentEncoding].ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ServiceException(
                ErrorCode.UnsupportedEncoding, $"Content-Encoding '{encoding}' is not supported here; send the body as it is.");
        }
    }

    private static ViolationList Check<T>(JsonElement body)
    {
        var violations = new ViolationList();
        if (body.ValueKind != JsonValueKind.Object)
        {
            violations.Add($"The body must be a JSON object; {Members<T>()}");
            return violations;
        }

        if (body.GetPropertyCount() is > MaxMembers and var members)
        {
            violations.Add($"The body has {members} members; {Members<T>()}");
            return violations;
        }

        JsonTypeInfo type = StoredJson.Options.GetTypeInfo(typeof(T));
        foreach (JsonProperty member in body.EnumerateObject())
        {
            if (type.Properties.FirstOrDefault(
                    property => property.Name.Equals(member.Name, StringComparison.OrdinalIgnoreCase)) is not { } known)
            {
                violations.Add($"'{member.Name}' is not known; {Members<T>()}");
            }
            else if (!Fits(member.Value, known.PropertyType))
            {
                violations.Add($"'{known.Name}' must be {Words(known.PropertyType)}.");
            }
        }

        return violations;
    }

    private static bool Fits(JsonElement value, Type type)
    {
        try
        {
            return value.Deserialize(type, StoredJson.Options) is not IReadOnlyDictionary<string, string> texts
                || texts.Values.All(text => text is not null);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Members<T>() =>
        $"it may hold {string.Join(", ", StoredJson.Options.GetTypeInfo(typeof(T)).Properties.Select(property => $"'{property.Name}'"))}.";

    private static string Words(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var number when number == typeof(int) => "a whole number",
        var number when number == typeof(double) => "a number",
        var numbers when numbers == typeof(IReadOnlyList<int>) => "a list of whole numbers",
        var flag when flag == typeof(bool) => "true or false",
        var text when text == typeof(string) => "a string",
        var instant when instant == typeof(DateTimeOffset) => "an instant, such as \"2026-01-31T12:00:00Z\"",
        var any when any == typeof(JsonElement) => "a value",
        _ => "an object whose members are strings",
    };
}
