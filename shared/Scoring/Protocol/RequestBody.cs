using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Modeldrop.Errors;

namespace Modeldrop.Scoring;

/// <summary>Reads the body of a request, uncompressed, up to a limit.</summary>
internal static class RequestBody
{
    public const string Encodings = "gzip, deflate";

    private const int FirstBytes = 4096;

    // What a header claims is not taken at once.
    private const int MaxTrustedLength = 1 << 20;

    /// <param name="maxBytes">Of the uncompressed body.</param>
    /// <param name="budget">Charged for the body while the caller has it.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.PayloadTooLarge"/>; <see cref="ErrorCode.MemoryExhausted"/>; <see cref="ErrorCode.UnsupportedEncoding"/>; <see
    /// cref="ErrorCode.InvalidRequest"/> when
    /// the compressed data are broken.
    /// </exception>
    public static async ValueTask<PooledBuffer> ReadAsync(
        HttpRequest request, int maxBytes, MemoryBudget budget, CancellationToken cancellationToken)
    {
        // The web server's own limit is lower than ours.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = maxBytes;
        }

        if (request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        string encoding = request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        Stream? decompressed = encoding switch
        {
            "" or "identity" => null,
            "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            // HTTP's deflate is the zlib format (RFC 9110, 8.4.1.2).
            "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            _ => throw new ServiceException(ErrorCode.UnsupportedEncoding, $"Content-Encoding '{encoding}' is not supported; {Encodings} are."),
        };

        long announced = decompressed is null ? request.ContentLength ?? FirstBytes : FirstBytes;
        var buffer = new PooledBuffer((int)Math.Clamp(announced, FirstBytes, MaxTrustedLength), budget);
        try
        {
            await using (decompressed)
            {
                await (decompressed is null
                    ? CopyAsync(request.BodyReader, buffer, maxBytes, cancellationToken)
                    : FillAsync(buffer, decompressed, maxBytes, cancellationToken));
            }

            return buffer;
        }
        catch (Exception exception)
        {
            buffer.Dispose();
            throw exception switch
            {
                BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge(maxBytes),
                BadHttpRequestException bad => new ServiceException(ErrorCode.InvalidRequest, $"The body cannot be read: {bad.Message}", bad),
                InvalidDataException bad => new ServiceException(ErrorCode.InvalidRequest, $"The body is not valid {encoding}.", bad),
                _ => exception,
            };
        }
    }

    /// <summary>From the server's own memory; a small body is there, whole, at the first look.</summary>
    private static async ValueTask CopyAsync(PipeReader body, PooledBuffer buffer, int maxBytes, CancellationToken cancellationToken)
    {
        bool isWhole = false;
        while (!isWhole)
        {
            ReadResult read = await body.ReadAsync(cancellationToken);
            try
            {
                foreach (ReadOnlyMemory<byte> part in read.Buffer)
                {
                    buffer.Write(part.Span);
                }
            }
            finally
            {
                // Also when there is no memory for it: the server then reads the rest, and the caller its answer.
                body.AdvanceTo(read.Buffer.End);
            }

            isWhole = read.IsCompleted;
            ThrowIfTooLarge(buffer, maxBytes);
        }
    }

    private static async ValueTask FillAsync(PooledBuffer buffer, Stream body, int maxBytes, CancellationToken cancellationToken)
    {
        int read;
        while ((read = await body.ReadAsync(buffer.GetMemory(), cancellationToken)) > 0)
        {
            buffer.Advance(read);
            ThrowIfTooLarge(buffer, maxBytes);
        }
    }

    private static void ThrowIfTooLarge(PooledBuffer buffer, int maxBytes)
    {
        if (buffer.Length > maxBytes)
        {
            throw TooLarge(maxBytes);
        }
    }

    private static ServiceException TooLarge(int maxBytes) =>
        new(ErrorCode.PayloadTooLarge, $"The body, uncompressed, has more than the {maxBytes} bytes that are allowed.");
}
