using System.Globalization;
using System.Text;
using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Tabular;

namespace Modeldrop.Predictions.Feedback;

/// <summary>Entries with their line numbers, and the violations in the other lines.</summary>
public sealed record FeedbackBatch(
    IReadOnlyList<(IReadOnlyList<int> Lines, FeedbackEntry Entry)> Entries, IReadOnlyList<FeedbackViolation> Violations);

/// <summary>
/// Reads feedback: a JSON array, JSON lines, or CSV. The columns are <c>id</c> (or the equivalent <c>prediction_id</c>, or <c>key</c>, the
/// caller's own id) and <c>label</c>, and <c>row</c> if a line is for one of several rows.
/// </summary>
public static class FeedbackReader
{
    /// <summary>Maximum number of lines per request; send more in several requests.</summary>
    public const int MaxLines = 100_000;

    public const string LabelRequirement =
        "'label' must be a string, a number, true, false or null, or a list of these, one for each row of the request. "
        + "For a multi-label model, each row has a list.";

    /// <summary>Maximum number of rows of a request that has labels.</summary>
    private const int MaxRows = 10_000_000;

    private const int MaxLabelLength = 10_000;

    /// <param name="contentType"><c>text/csv</c>, <c>application/x-ndjson</c>; anything else is JSON.</param>
    /// <param name="findKeys">Returns the predictions of callers' keys, without keys that have none.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> when the body is none of these formats.</exception>
    public static async Task<FeedbackBatch> ReadAsync(
        ModelName model, string? contentType, Stream body,
        Func<IReadOnlySet<string>, Task<IReadOnlyDictionary<string, PredictionId>>> findKeys, CancellationToken cancellationToken)
    {
        string type = (contentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
        IAsyncEnumerable<RawLine> lines = type switch
        {
            "text/csv" => ReadCsvAsync(body, cancellationToken),
            "application/x-ndjson" or "application/jsonl" or "application/json-lines" => ReadLinesAsync(body, cancellationToken),
            _ => ReadArrayAsync(body, cancellationToken),
        };
        List<RawLine> raw = [];
        await foreach (RawLine line in lines.WithCancellation(cancellationToken))
        {
            if (raw.Count >= MaxLines)
            {
                throw new ServiceException(
                    ErrorCode.InvalidRequest, $"There are more than {MaxLines:N0} lines; send them in several requests.");
            }

            raw.Add(line);
        }

        HashSet<string> keys = [.. raw.Where(line => line.Id is null).Select(line => line.Key).OfType<string>()];
        IReadOnlyDictionary<string, PredictionId> known = keys.Count == 0 ? new Dictionary<string, PredictionId>() : await findKeys(keys);
        uint hash = PredictionId.HashOf(model);
        List<FeedbackLine> read = [];
        List<FeedbackViolation> violations = [];
        foreach (RawLine line in raw)
        {
            PredictionId? id = line.Id is null && line.Key is not null
                ? known.TryGetValue(line.Key, out PredictionId ofKey) ? ofKey : null
                : PredictionId.Find(line.Id);
            string? problem = line.Contradiction is { } contradiction ? contradiction
                : id is null && line.Id is null && line.Key is not null
                    ? $"No prediction with the key '{line.Key}' was answered in the last {PredictionStore.DefaultKeyTime.Days} days, "
                        + "or since 'from' of the query."
                : id is null ? $"'id' is {(line.Id is null ? "missing" : $"'{line.Id}', which is not a prediction id")}; "
                    + "'key' can hold the id of your request instead."
                : id.Value.ModelHash != hash ? $"Prediction '{line.Id}' belongs to another model, not to '{model}'."
                : line.Labels is not { Count: > 0 } ? LabelRequirement
                : !TryReadRow(line.Row, out _)
                    ? $"'row' is '{line.Row}'; it must be the number of a row of the request, 0 to {MaxRows - 1:N0}."
                : null;
            if (problem is not null)
            {
                violations.Add(new FeedbackViolation(line.Line, problem));
                continue;
            }

            TryReadRow(line.Row, out int? row);
            read.Add(new FeedbackLine(line.Line, id!.Value, row, line.Labels!));
        }

        return FeedbackLines.Join(read, violations);
    }

    /// <summary>Why an id and a prediction id contradict each other; null: they are equal, or one is absent.</summary>
    public static string? Contradiction(string? id, string? predictionId) =>
        string.IsNullOrEmpty(id) || string.IsNullOrEmpty(predictionId) || id == predictionId ? null
            : $"'id' is '{id}' and 'prediction_id' is '{predictionId}': they mean the same, so send one of them.";

    /// <summary>A single line.</summary>
    public static FeedbackBatch Of(FeedbackLine line) => FeedbackLines.Join([line], []);

    /// <summary>The labels in a JSON value; null when there are none.</summary>
    /// <param name="isOfOneRow">Whether a list has the labels of one row of a multi-label model, instead of one label for each row.</param>
    public static IReadOnlyList<string?>? LabelsOf(JsonElement label, bool isOfOneRow) =>
        label.ValueKind == JsonValueKind.Array && !isOfOneRow
            ? label.EnumerateArray().All(one => TryReadLabel(one, out _))
                ? [.. label.EnumerateArray().Select(one => TryReadLabel(one, out string? text) ? text : null)] : null
            : TryReadLabel(label, out string? only) ? [only] : null;

    /// <returns>False if the text is not a row number; true with null if there is none.</returns>
    public static bool TryReadRow(string? text, out int? row)
    {
        bool isRow = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < MaxRows;
        row = isRow ? number : null;
        return isRow || string.IsNullOrWhiteSpace(text);
    }

    private static bool TryReadLabel(JsonElement value, out string? text)
    {
        text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.True or JsonValueKind.False => CellText.Of(value.GetBoolean()),
            JsonValueKind.Array when value.EnumerateArray().All(
                part => part.ValueKind != JsonValueKind.Array && TryReadLabel(part, out _)) =>
                LabelText.Join(value.EnumerateArray().Select(part => TryReadLabel(part, out string? one) ? one : null)),
            _ => null,
        };
        text = string.IsNullOrWhiteSpace(text) ? null : text;
        return text is not null ? text.Length <= MaxLabelLength : value.ValueKind is JsonValueKind.Null or JsonValueKind.String;
    }

    private static async IAsyncEnumerable<RawLine> ReadArrayAsync(
        Stream body, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        }
        catch (JsonException exception)
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                $"The body is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}; send a list "
                    + $"such as [{{\"id\": \"…\", \"label\": 1}}], JSON lines as application/x-ndjson, or text/csv.",
                exception);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                throw new ServiceException(
                    ErrorCode.InvalidRequest,
                    "The body must be a list such as [{\"id\": \"…\", \"label\": 1}], JSON lines as application/x-ndjson, or text/csv.");
            }

            int line = 0;
            foreach (JsonElement element in document.RootElement.EnumerateArray())
            {
                yield return Of(++line, element);
            }
        }
    }

    private static async IAsyncEnumerable<RawLine> ReadLinesAsync(
        Stream body, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
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

    private static RawLine Of(int line, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return Of(line, document.RootElement);
        }
        catch (JsonException)
        {
            return new RawLine(line);
        }
    }

    private static RawLine Of(int line, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return new RawLine(line);
        }

        string? row = element.TryGetProperty("row", out JsonElement number) && number.ValueKind != JsonValueKind.Null ? number.ToString()
            : null;
        return new RawLine(line,
            TextOf(element, "id"), TextOf(element, "prediction_id"),
            TextOf(element, "key"),
            row,
            element.TryGetProperty("label", out JsonElement label) ? LabelsOf(label, isOfOneRow: row is not null) : null);
    }

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static async IAsyncEnumerable<RawLine> ReadCsvAsync(
        Stream body, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Table table = await TableReader.ReadCsvAsync(body, "body", new TableLimits(MaxLines), cancellationToken);
        TableColumn? ids = table.FindColumn("id");
        TableColumn? predictionIds = table.FindColumn("prediction_id");
        TableColumn? keys = table.FindColumn("key");
        if ((ids ?? predictionIds ?? keys) is null || table.FindColumn("label") is not { } labels)
        {
            throw new ServiceException(
                ErrorCode.InvalidRequest,
                $"The columns are {string.Join(", ", table.Columns.Select(column => $"'{column.Name}'"))}; "
                    + "'id' (or 'prediction_id', or 'key') and 'label' are required, 'row' is optional.");
        }

        TableColumn? rows = table.FindColumn("row");

        for (int row = 0; row < table.Rows; row++)
        {
            string? label = labels.NumberAt(row);
            yield return new RawLine(table.LineOf(row), ids?.Values[row], predictionIds?.Values[row], keys?.Values[row], rows?.Values[row],
                label?.Length > MaxLabelLength ? null : [string.IsNullOrWhiteSpace(label) ? null : label]);
        }
    }

    /// <summary>A line as sent. <c>prediction_id</c>, the name that an answer uses, is equivalent to <c>id</c>.</summary>
    private sealed record RawLine(
        int Line,
        string? OwnId = null,
        string? PredictionId = null,
        string? Key = null,
        string? Row = null,
        IReadOnlyList<string?>? Labels = null)
    {
        public string? Id => string.IsNullOrEmpty(OwnId) ? PredictionId ?? OwnId : OwnId;

        public string? Contradiction => FeedbackReader.Contradiction(OwnId, PredictionId);
    }
}
