using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Storage;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>The wire format of the Open Inference Protocol over HTTP: requests in, responses and errors out.</summary>
public static class OipCodec
{
    public const string HeaderLength = "Inference-Header-Content-Length";

    /// <summary>Without a charset, because clients compare the text.</summary>
    public const string Json = "application/json";

    private const string Binary = "application/octet-stream";

    // The server keeps a copy of these bytes until the client has received them.
    private const int MaxChunkBytes = 1 << 20;

    /// <summary>Decodes an inference request. Violations other than broken JSON are in <see cref="InferRequest.Violations"/>.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/>; <see cref="ErrorCode.PayloadTooLarge"/>; <see cref="ErrorCode.UnsupportedEncoding"/>.
    /// </exception>
    /// <param name="memory">Charged for the tensors for the duration of the request, and for the body while it is read.</param>
    internal static async ValueTask<InferRequest> ReadAsync(
        HttpRequest request, int maxBytes, RequestMemory memory, CancellationToken cancellationToken)
    {
        using PooledBuffer body = await RequestBody.ReadAsync(request, maxBytes, memory.Budget, cancellationToken);

        // Assumes the size of the body until the tensors' size is known.
        memory.Assume(body.Length);
        await memory.EnterAsync(body.Length, cancellationToken);
        InferRequest decoded = OipRequestReader.Read(body.Span, HeaderLengthOf(request, body.Length), memory);
        memory.Leave();
        memory.Settle(decoded.Inputs);
        return decoded;
    }

    /// <summary>
    /// Sends status 200 and the encoded body, compressed if the caller accepts it and the body has at least
    /// <paramref name="compressFromBytes"/>.
    /// </summary>
    /// <remarks>
    /// Encodes into memory first: a header contains the length of the JSON, and a response is sent only if it can be sent completely.
    /// </remarks>
    /// <param name="jsonBytes">JSON bytes of a body with binary tensors after the JSON; null: all is JSON.</param>
    internal static ValueTask SendAsync(
        HttpContext http, PooledBuffer buffer, int? jsonBytes, int compressFromBytes, CancellationToken cancellationToken)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.ContentType = jsonBytes is null ? Json : Binary;
        if (jsonBytes is { } length)
        {
            headers[HeaderLength] = length.ToString(CultureInfo.InvariantCulture);
        }

        string? encoding = buffer.Length >= compressFromBytes ? ResponseEncoding.Choose(http.Request.Headers.AcceptEncoding) : null;
        if (encoding is null)
        {
            http.Response.ContentLength = buffer.Length;
            if (buffer.Length > MaxChunkBytes)
            {
                return SendInChunksAsync(http, buffer, cancellationToken);
            }

            ValueTask<FlushResult> sent = http.Response.BodyWriter.WriteAsync(buffer.Memory, cancellationToken);
            if (!sent.IsCompletedSuccessfully)
            {
                return new ValueTask(sent.AsTask());
            }

            // Nearly always: the server has accepted the data at once.
            _ = sent.Result;
            return ValueTask.CompletedTask;
        }

        return CompressAsync(http, buffer, encoding, cancellationToken);
    }

    private static async ValueTask SendInChunksAsync(HttpContext http, PooledBuffer buffer, CancellationToken cancellationToken)
    {
        for (int start = 0; start < buffer.Length; start += MaxChunkBytes)
        {
            ReadOnlyMemory<byte> chunk = buffer.Memory.Slice(start, Math.Min(MaxChunkBytes, buffer.Length - start));
            await http.Response.BodyWriter.WriteAsync(chunk, cancellationToken);
        }
    }

    private static async ValueTask CompressAsync(
        HttpContext http, PooledBuffer buffer, string encoding, CancellationToken cancellationToken)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.ContentEncoding = encoding;
        headers.Vary = "Accept-Encoding";
        await using Stream compressed = encoding == "gzip"
            ? new GZipStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true)
            : new ZLibStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await compressed.WriteAsync(buffer.Memory, cancellationToken);
    }

    /// <summary>Sends status 200 and a document of the protocol, such as a model's metadata.</summary>
    public static Task WriteJsonAsync<T>(HttpContext http, T document, CancellationToken cancellationToken) =>
        WriteJsonAsync(http, StatusCodes.Status200OK, document, cancellationToken);

    /// <summary>
    /// Sends <c>{"error": …}</c>. Any exception other than <see cref="ServiceException"/> is a bug: 500 with a fixed text and a trace id.
    /// </summary>
    /// <returns>Whether it was a bug, which the caller must log.</returns>
    public static Task<bool> WriteErrorAsync(HttpContext http, Exception exception, CancellationToken cancellationToken) =>
        WriteErrorAsync(http, exception, static (buffer, _, text) =>
        {
            buffer.Write("{\"error\":"u8);
            JsonText.Write(buffer, text);
            buffer.Write("}"u8);
        }, cancellationToken);

    /// <param name="write">Writes the body for a status and a text.</param>
    internal static async Task<bool> WriteErrorAsync(
        HttpContext http, Exception exception, Action<PooledBuffer, int, string> write, CancellationToken cancellationToken)
    {
        ServiceException? known = ServiceException.Find(exception);
        RefusalMeter.Count(http, known?.Code);
        int status = known is null ? StatusCodes.Status500InternalServerError : StatusOf(known.Code);
        if (known?.Code == ErrorCode.UnsupportedEncoding)
        {
            http.Response.Headers.AcceptEncoding = RequestBody.Encodings;
        }

        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = "1";
        }

        string text = known?.Message ?? $"The server has a bug; its log has more under trace id {TraceIds.Of(http)}.";
        using var buffer = new PooledBuffer(256);
        write(buffer, status, text);
        await SendAsync(http, status, buffer.Memory, cancellationToken);
        return known is null;
    }

    /// <summary>Writes a tensor in the protocol's format into another JSON document, with names for NaN and the infinities.</summary>
    public static void WriteTensor(Utf8JsonWriter json, Tensor tensor)
    {
        using var buffer = new PooledBuffer(1024);
        OipResponseWriter.WriteOutput(buffer, new OutputTensor(tensor, Binary: false), names: true);
        json.WriteRawValue(buffer.Span, skipInputValidation: true);
    }

    /// <summary>
    /// The status from <see cref="ErrorTable"/>, except that a version that does not serve yet is 503 here, so that clients wait and retry.
    /// </summary>
    public static int StatusOf(ErrorCode code) =>
        code == ErrorCode.VersionNotReady ? StatusCodes.Status503ServiceUnavailable : ErrorTable.Get(code).Status;

    internal static Task WriteJsonAsync<T>(HttpContext http, int status, T document, CancellationToken cancellationToken) =>
        SendAsync(http, status, JsonSerializer.SerializeToUtf8Bytes(document, StoredJson.Options), cancellationToken);

    private static async Task SendAsync(HttpContext http, int status, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = Json;
        http.Response.ContentLength = json.Length;
        await http.Response.BodyWriter.WriteAsync(json, cancellationToken);
    }

    private static int? HeaderLengthOf(HttpRequest request, int bodyBytes)
    {
        string text = request.Headers[HeaderLength].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int length) && length <= bodyBytes
            ? length
            : throw new ServiceException(
                ErrorCode.InvalidRequest, $"{HeaderLength} is '{text}'; it must be a number from 0 to the {bodyBytes} bytes of the body.");
    }
}
