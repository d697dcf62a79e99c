using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Functions.Management;

/// <summary>Reads JSON bodies; a body that does not fit is the caller's 400, with the place in it.</summary>
internal static class RequestBody
{
    /// <param name="optional">Whether an absent body means <c>{}</c>.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/>.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, bool optional, CancellationToken cancellationToken)
        where T : class
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        if (body.Length == 0 && optional)
        {
            body.Write("{}"u8);
        }

        try
        {
            return JsonSerializer.Deserialize<T>(body.GetBuffer().AsSpan(0, (int)body.Length), StoredJson.Options)
                ?? throw new ServiceException(ErrorCode.InvalidRequest, "The body must be a JSON object, not null.");
        }
        catch (JsonException exception)
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                $"The body is not the JSON that this route takes: {exception.Path ?? "$"}, line {exception.LineNumber + 1}.", exception);
        }
    }
}
