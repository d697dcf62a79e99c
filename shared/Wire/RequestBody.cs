using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Modeldrop.Errors;

namespace Modeldrop.Wire;

/// <summary>Reads and decompresses the body of a request, up to a limit.</summary>
internal static class RequestBody
{
    public const string Encodings = $"{Gzip}, {Deflate}";

    private const string Gzip = "gzip";

    /// <summary>HTTP's deflate is the zlib format (RFC 9110, 8.4.1.2).</summary>
    private const string Deflate = "deflate";

    private const int FirstBytes = 4096;

    // A length claimed by a header is not allocated at once.
    private const int MaxTrustedLength = 1 << 20;

    /// <param name="maxBytes">Limit for the uncompressed body.</param>
    /// <param name="budget">Charged for the body while the caller holds it.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.PayloadTooLarge"/>; <see cref="ErrorCode.MemoryExhausted"/>; <see cref="ErrorCode.UnsupportedEncoding"/>;
    /// <see cref="ErrorCode.InvalidRequest"/> when the compressed data are corrupt.
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
        bool isPlain = encoding switch
        {
            "" or "identity" => true,
            Gzip or "x-gzip" or Deflate => false,
            _ => throw new ServiceException(
                ErrorCode.UnsupportedEncoding, $"Content-Encoding '{encoding}' is not supported; {Encodings} are."),
        };

        PooledBuffer body = NewBuffer(request.ContentLength, budget);
        PooledBuffer? whole = null;
        try
        {
            await CopyAsync(request.BodyReader, body, maxBytes, cancellationToken);
            if (isPlain)
            {
                return body;
            }

            whole = NewBuffer(announced: null, budget);
            Decompress(body, whole, encoding, maxBytes);
            body.Dispose();
            return whole;
        }
        catch (Exception exception)
        {
            body.Dispose();
            whole?.Dispose();
            throw exception switch
            {
                BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge(maxBytes),
                BadHttpRequestException bad => new ServiceException(
                    ErrorCode.InvalidRequest, $"The body cannot be read: {bad.Message}", bad),
                InvalidDataException bad =>
                    new ServiceException(ErrorCode.InvalidRequest, $"The body is not valid {encoding}, or is truncated.", bad),
                _ => exception,
            };
        }
    }

    /// <summary>Copies from the server's own memory. A small body is complete at the first read.</summary>
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
                // Even when there is no memory for it: the server then reads the rest, and the caller receives its answer.
                body.AdvanceTo(read.Buffer.End);
            }

            isWhole = read.IsCompleted;
            ThrowIfTooLarge(buffer, maxBytes);
        }
    }

    private static PooledBuffer NewBuffer(long? announced, MemoryBudget budget) =>
        new((int)Math.Clamp(announced ?? FirstBytes, FirstBytes, MaxTrustedLength), budget);

    private static void Decompress(PooledBuffer compressed, PooledBuffer target, string encoding, int maxBytes)
    {
        using Stream source = PipeReader.Create(new ReadOnlySequence<byte>(compressed.Memory)).AsStream();
        using Stream stream = encoding == Deflate
            ? new ZLibStream(source, CompressionMode.Decompress)
            : new GZipStream(source, CompressionMode.Decompress);
        int read;
        while ((read = stream.Read(target.GetMemory().Span)) > 0)
        {
            target.Advance(read);
            ThrowIfTooLarge(target, maxBytes);
        }

        if (IsCut(compressed.Memory.Span, target.Memory.Span, encoding))
        {
            throw new InvalidDataException();
        }
    }

    /// <summary>
    /// Whether the end is missing, which the decompressing streams do not report: zlib ends with a checksum (RFC 1950), gzip with the
    /// length of its last member (RFC 1952), which is nearly always the only one.
    /// </summary>
    private static bool IsCut(ReadOnlySpan<byte> compressed, ReadOnlySpan<byte> plain, string encoding) =>
        compressed.Length < sizeof(uint) || (encoding == Deflate
            ? BinaryPrimitives.ReadUInt32BigEndian(compressed[^sizeof(uint)..]) != Adler32(plain)
            : BinaryPrimitives.ReadUInt32LittleEndian(compressed[^sizeof(uint)..]) > plain.Length);

    private static uint Adler32(ReadOnlySpan<byte> data)
    {
        const uint Modulus = 65_521;
        // This many bytes fit before a sum could overflow.
        const int Block = 5_552;
        (uint low, uint high) = (1, 0);
        for (; data.Length > 0; data = data[Math.Min(Block, data.Length)..])
        {
            foreach (byte value in data[..Math.Min(Block, data.Length)])
            {
                low += value;
                high += low;
            }

            (low, high) = (low % Modulus, high % Modulus);
        }

        return (high << 16) | low;
    }

    private static void ThrowIfTooLarge(PooledBuffer buffer, int maxBytes)
    {
        if (buffer.Length > maxBytes)
        {
            throw TooLarge(maxBytes);
        }
    }

    private static ServiceException TooLarge(int maxBytes) =>
        new(ErrorCode.PayloadTooLarge, $"The uncompressed body exceeds the limit of {maxBytes} bytes.");
}
