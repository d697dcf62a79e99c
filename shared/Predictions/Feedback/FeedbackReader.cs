using System.Text;
using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Tabular;

namespace Modeldrop.Predictions.Feedback;

/// <summary>Entries with the lines that they stand in, and what is wrong with the other lines.</summary>
public sealed record FeedbackBatch(IReadOnlyList<(int Line, FeedbackEntry Entry)> Entries, IReadOnlyList<FeedbackViolation> Violations);

/// <summary>Reads feedback: a JSON array, JSON lines, or CSV with the columns <c>id</c> and <c>label</c>.</summary>
public static class FeedbackReader
{
    /// <summary>Lines of one request; more come in several.</summary>
    public const int MaxLines = 100_000;

    /// <param name="contentType"><c>text/csv</c>, <c>application/x-ndjson</c>; anything else is JSON.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> when it is none of these as a whole.</exception>
    public static async Task<FeedbackBatch> ReadAsync(ModelName model, string? contentType, Stream body, CancellationToken cancellationToken)
    {
        string type = (contentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
        IAsyncEnumerable<(int Line, string? Id, IReadOnlyList<string>? Labels)> lines = type switch
        {
            "text/csv" => ReadCsvAsync(body, cancellationToken),
            "application/x-ndjson" or "application/jsonl" or "application/json-lines" => ReadLinesAsync(body, cancellationToken),
            _ => ReadArrayAsync(body, cancellationToken),
        };
        uint hash = PredictionId.HashOf(model);
        List<(int, FeedbackEntry)> entries = [];
        List<FeedbackViolation> violations = [];
        await foreach ((int line, string? text, IReadOnlyList<string>? labels) in lines.WithCancellation(cancellationToken))
        {
            if (entries.Count + violations.Count >= MaxLines)
            {
                throw new ServiceException(ErrorCode.InvalidRequest, $"There are more than {MaxLines:N0} lines; send them in several requests.");
            }

            if (PredictionId.Find(text) is not { } id)
            {
                violations.Add(new FeedbackViolation(line, $"'id' is {(text is null ? "missing" : $"'{text}', which is not a prediction id")}."));
            }
            else if (id.ModelHash != hash)
            {
                violations.Add(new FeedbackViolation(line, $"Prediction '{text}' is another model's, not one of '{model}'."));
            }
            else if (labels is not { Count: > 0 })
            {
                violations.Add(new FeedbackViolation(line, "'label' must be a text, a number, true or false, or a list of them, one for each row of the request."));
            }
            else
            {
                entries.Add((line, new FeedbackEntry(id, labels)));
            }
        }

        return new FeedbackBatch(entries, violations);
    }

    /// <summary>The labels that a JSON value stands for; null when it is none.</summary>
    public static IReadOnlyList<string>? LabelsOf(JsonElement? label) => label switch
    {
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(one => TextOf(one) is not null) => [.. list.EnumerateArray().Select(one => TextOf(one)!)],
        { } one when TextOf(one) is { } text => [text],
        _ => null,
    };

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { Length: > 0 and <= 1_000 } text => text,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    private static async IAsyncEnumerable<(int, string?, IReadOnlyList<string>?)> ReadArrayAsync(Stream body, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        }
        catch (JsonException exception)
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                $"The body is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}; send a list such as [{{\"id\": \"…\", \"label\": 1}}], JSON lines as application/x-ndjson, or text/csv.", exception);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                throw new ServiceException(ErrorCode.InvalidRequest, "The body must be a list such as [{\"id\": \"…\", \"label\": 1}], JSON lines as application/x-ndjson, or text/csv.");
            }

            int line = 0;
            foreach (JsonElement element in document.RootElement.EnumerateArray())
            {
                yield return Of(++line, element);
            }
        }
    }

    private static async IAsyncEnumerable<(int, string?, IReadOnlyList<string>?)> ReadLinesAsync(Stream body, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(body, Encoding.UTF8, leaveOpen: true);
        int line = 0;
        while (await reader.ReadLineAsync(cancellationToken) is { } text)
        {
            line++;
            if (!string.IsNullOrWhiteSpace(text))
            {
                yield return Of(line, text);
            }
        }
    }

    private static (int, string?, IReadOnlyList<string>?) Of(int line, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return Of(line, document.RootElement);
        }
        catch (JsonException)
        {
            return (line, null, null);
        }
    }

    private static (int, string?, IReadOnlyList<string>?) Of(int line, JsonElement element) => element.ValueKind != JsonValueKind.Object
        ? (line, null, null)
        : (line,
            element.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null,
            element.TryGetProperty("label", out JsonElement label) ? LabelsOf(label) : null);

    private static async IAsyncEnumerable<(int, string?, IReadOnlyList<string>?)> ReadCsvAsync(Stream body, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Table table = await TableReader.ReadCsvAsync(body, "body", new TableLimits(MaxLines), cancellationToken);
        if (table.FindColumn("id") is not { } ids || table.FindColumn("label") is not { } labels)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"The columns are {string.Join(", ", table.Columns.Select(column => $"'{column.Name}'"))}; there must be 'id' and 'label'.");
        }

        for (int row = 0; row < table.Rows; row++)
        {
            yield return (table.LineOf(row), ids.Values[row], labels.Values[row] is { Length: > 0 } label ? [label] : null);
        }
    }
}
