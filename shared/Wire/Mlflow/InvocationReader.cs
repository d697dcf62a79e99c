using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Tabular;

namespace Modeldrop.Wire.Mlflow;

/// <summary>
/// Decodes the requests of MLflow's scoring protocol: <c>dataframe_split</c>, <c>dataframe_records</c>, <c>instances</c>, <c>inputs</c>,
/// and CSV.
/// </summary>
/// <remarks>
/// All formats are rows of named values, so all become a table, which <see cref="ColumnMapping"/> converts to tensors. <c>params</c> is
/// ignored: ONNX models have none.
/// </remarks>
internal static class InvocationReader
{
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/>; <see cref="ErrorCode.PayloadTooLarge"/>; <see cref="ErrorCode.UnsupportedEncoding"/>;
    /// <see cref="ErrorCode.UnsupportedMediaType"/>.
    /// </exception>
    public static async ValueTask<InvocationRequest> ReadAsync(
        HttpRequest request, int maxBytes, RequestMemory memory, CancellationToken cancellationToken)
    {
        bool isCsv = IsCsv(request.ContentType);
        using PooledBuffer body = await RequestBody.ReadAsync(request, maxBytes, memory.Budget, cancellationToken);
        await memory.EnterAsync(body.Length, cancellationToken);
        InvocationRequest decoded = isCsv
            ? await ReadCsvAsync(body.Memory, memory, cancellationToken)
            : ReadJson(body.Span, memory);
        memory.Leave();
        return decoded;
    }

    private static async Task<InvocationRequest> ReadCsvAsync(
        ReadOnlyMemory<byte> body, RequestMemory memory, CancellationToken cancellationToken)
    {
        await using Stream stream = PipeReader.Create(new ReadOnlySequence<byte>(body)).AsStream();
        var texts = new TextBlocks(memory.AllocatePart);
        Table table = await TableReader.ReadCsvAsync(stream, "body", TableLimits.Default, cancellationToken, texts);
        return new InvocationRequest(new RowTable(table, memory), isFrame: true);
    }

    private static bool IsCsv(string? contentType)
    {
        string[] types = ["application/json", "text/csv"];
        if (MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? media)
            && types.Contains(media.MediaType, StringComparer.OrdinalIgnoreCase)
            && (media.CharSet is null || media.CharSet.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            return media.MediaType!.Equals("text/csv", StringComparison.OrdinalIgnoreCase);
        }

        throw new ServiceException(
            ErrorCode.UnsupportedMediaType, $"Content-Type '{contentType}' is not supported; send application/json or text/csv, in UTF-8.");
    }

    private static InvocationRequest ReadJson(ReadOnlySpan<byte> body, RequestMemory memory)
    {
        try
        {
            return InvocationJson.Read(body, memory);
        }
        catch (JsonException)
        {
            // Python's json.dumps writes NaN and Infinity without quotes.
            using PooledBuffer quoted = BareNumbers.Quote(body, memory.Budget);
            try
            {
                return InvocationJson.Read(quoted.Span, memory);
            }
            catch (JsonException exception)
            {
                throw new ServiceException(ErrorCode.InvalidRequest, $"The body is not valid JSON: {exception.Message}", exception);
            }
        }
    }
}
