using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;

namespace Modeldrop.Scoring;

/// <summary>Reads a request's body as it is: clients of the protocol send no content type.</summary>
internal static class RequestBodyReader
{
    /// <exception cref="ServiceException"><see cref="ErrorCode.PayloadTooLarge"/>; <see cref="ErrorCode.UnsupportedEncoding"/>.</exception>
    public static async ValueTask<byte[]> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.Headers.ContentEncoding is [{ Length: > 0 } encoding, ..] && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ServiceException(ErrorCode.UnsupportedEncoding, $"Content-Encoding '{encoding}' is not supported.");
        }

        if (request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        try
        {
            return await ReadToEndAsync(request.BodyReader, maxBytes, cancellationToken);
        }
        catch (BadHttpRequestException exception)
        {
            throw exception.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLarge(maxBytes)
                : new ServiceException(ErrorCode.InvalidRequest, "The body ended before it was complete.", exception);
        }
    }

    private static async ValueTask<byte[]> ReadToEndAsync(PipeReader body, int maxBytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await body.ReadAsync(cancellationToken);
            if (read.Buffer.Length > maxBytes)
            {
                throw TooLarge(maxBytes);
            }

            if (read.IsCompleted)
            {
                byte[] bytes = read.Buffer.ToArray();
                body.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static ServiceException TooLarge(int maxBytes) => new(ErrorCode.PayloadTooLarge, $"The body has more than {maxBytes} bytes.");
}
