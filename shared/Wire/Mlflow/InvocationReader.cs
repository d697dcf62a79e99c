using System.Buffers;
using System.Globalization;
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
    // While it is read, a value of a few characters is an element of a document.
    private const int BytesPerByte = 4;

    /// <summary>Maximum number of cells of a request that lacks most of them: 8 MB of references.</summary>
    private const int MaxSparseCells = 1_000_000;

    private const string Forms = "'dataframe_split', 'dataframe_records', 'instances' or 'inputs'";

    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/>; <see cref="ErrorCode.PayloadTooLarge"/>; <see cref="ErrorCode.UnsupportedEncoding"/>;
    /// <see cref="ErrorCode.UnsupportedMediaType"/>.
    /// </exception>
    public static async ValueTask<InvocationRequest> ReadAsync(
        HttpRequest request, int maxBytes, RequestMemory memory, CancellationToken cancellationToken)
    {
        bool isCsv = IsCsv(request.ContentType);
        using PooledBuffer body = await RequestBody.ReadAsync(request, maxBytes, memory.Budget, cancellationToken);
        memory.Assume(BytesPerByte * (long)body.Length);
        await memory.EnterAsync(body.Length, cancellationToken);
        InvocationRequest decoded = isCsv
            ? await ReadCsvAsync(body.Memory, memory, cancellationToken)
            : ReadJson(body.Memory, memory);
        memory.Leave();
        memory.Settle(0);
        return decoded;
    }

    private static async Task<InvocationRequest> ReadCsvAsync(
        ReadOnlyMemory<byte> body, RequestMemory memory, CancellationToken cancellationToken)
    {
        await using Stream stream = PipeReader.Create(new ReadOnlySequence<byte>(body)).AsStream();
        var rows = new RowTable(
            await TableReader.ReadCsvAsync(stream, "body", TableLimits.Default, cancellationToken, new TextBlocks(memory.Rent)), memory);
        return new InvocationRequest(_ => rows, isFrame: true);
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

    private static InvocationRequest ReadJson(ReadOnlyMemory<byte> body, RequestMemory memory)
    {
        using JsonDocument document = Parse(body);
        JsonElement root = document.RootElement;
        List<JsonProperty> forms = root.ValueKind == JsonValueKind.Object
            ? [
                .. root.EnumerateObject().Where(
                    member => member.Name is "dataframe_split" or "dataframe_records" or "instances" or "inputs")]
            : [];
        if (forms.Count != 1)
        {
            throw Invalid(
                $"The body must be a JSON object with exactly one of {Forms}{(forms.Count == 0 ? "" : $"; it has {forms.Count}")}.");
        }

        JsonElement value = forms[0].Value;
        switch (forms[0].Name)
        {
            case "dataframe_split":
                RowTable split = ReadSplit(value, memory);
                return new InvocationRequest(_ => split, isFrame: true);
            case "dataframe_records":
                RowTable records = ReadRecords("dataframe_records", value, body.Length, memory);
                return new InvocationRequest(_ => records, isFrame: true);
            case "inputs" when value.ValueKind == JsonValueKind.Object:
                RowTable named = ReadNamed(value, memory);
                return new InvocationRequest(_ => named, isFrame: false);
            default:
                return ReadInstances(forms[0].Name, value, body.Length, memory);
        }
    }

    private static InvocationRequest ReadInstances(string form, JsonElement value, int bodyBytes, RequestMemory memory)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            string orObject = form == "inputs" ? ", or an object of such arrays" : "";
            throw Invalid($"'{form}' must be an array with one element per row{orObject}.");
        }

        if (value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Object)
        {
            RowTable records = ReadRecords(form, value, bodyBytes, memory);
            return new InvocationRequest(_ => records, isFrame: false);
        }

        // Without names: the rows of the only input.
        var columns = new RowColumns(form, memory);
        columns.Add("", value);
        RowTable rows = columns.ToTable();
        return new InvocationRequest(
            signature => signature.Inputs.Where(input => !input.Optional).ToList() is [var only]
                ? rows.Named(only.Name)
                : throw new ServiceException(
                    ErrorCode.InvalidTensor,
                    $"'{form}' does not name its values, and the model has several inputs: "
                        + $"{string.Join(", ", signature.Inputs.Select(input => $"'{input.Name}'"))}."),
            isFrame: false);
    }

    private static RowTable ReadSplit(JsonElement split, RequestMemory memory)
    {
        if (split.ValueKind != JsonValueKind.Object
            || !split.TryGetProperty("columns", out JsonElement columns) || columns.ValueKind != JsonValueKind.Array
            || !split.TryGetProperty("data", out JsonElement data) || data.ValueKind != JsonValueKind.Array)
        {
            throw Invalid("'dataframe_split' must be an object with the arrays 'columns' and 'data'.");
        }

        string[] names = [.. columns.EnumerateArray()
            .Select(name => name.ValueKind == JsonValueKind.String ? name.GetString()! : name.GetRawText())];
        var rows = new RowColumns("dataframe_split", memory);
        RowColumn[] collected = Array.ConvertAll(names, name => rows.Add(name, data.GetArrayLength()));
        foreach ((int row, JsonElement values) in data.EnumerateArray().Index())
        {
            if (values.ValueKind != JsonValueKind.Array || values.GetArrayLength() != names.Length)
            {
                throw Invalid($"'dataframe_split', row {row + 1}: 'data' must have {names.Length} values in each row, like 'columns'.");
            }

            // Enumerated, because indexing a document's element scans all elements before it.
            foreach ((int column, JsonElement value) in values.EnumerateArray().Index())
            {
                collected[column].Add(row, value);
            }
        }

        return rows.ToTable();
    }

    private static RowTable ReadRecords(string form, JsonElement records, int bodyBytes, RequestMemory memory)
    {
        if (records.ValueKind != JsonValueKind.Array || records.EnumerateArray().Any(record => record.ValueKind != JsonValueKind.Object))
        {
            throw Invalid($"'{form}' must be an array of objects, one per row.");
        }

        var rows = new RowColumns(form, memory);
        Dictionary<string, RowColumn> columns = NamesOf(form, records, bodyBytes)
            .ToDictionary(name => name, name => rows.Add(name, records.GetArrayLength()), StringComparer.Ordinal);
        foreach ((int row, JsonElement record) in records.EnumerateArray().Index())
        {
            foreach (JsonProperty member in record.EnumerateObject())
            {
                columns[member.Name].Add(row, member.Value);
            }
        }

        return rows.ToTable();
    }

    /// <summary>
    /// The names of all records. Counted before anything is built: a member that a record lacks is a missing value, as in a data frame, and
    /// still needs a cell.
    /// </summary>
    private static List<string> NamesOf(string form, JsonElement records, int bodyBytes)
    {
        // A complete table has no more cells than its text has bytes.
        int rows = records.GetArrayLength();
        long maxNames = Math.Max(MaxSparseCells, bodyBytes) / Math.Max(1, rows);
        List<string> names = [];
        HashSet<string> known = new(StringComparer.Ordinal);
        foreach (JsonProperty member in records.EnumerateArray().SelectMany(record => record.EnumerateObject()))
        {
            if (known.Add(member.Name))
            {
                names.Add(member.Name);
            }

            if (names.Count > maxNames)
            {
                throw Invalid($"'{form}' has {rows} rows with more than {maxNames} different names; "
                    + $"if most rows lack most of them, rows times names can be {MaxSparseCells}.");
            }
        }

        return names;
    }

    private static RowTable ReadNamed(JsonElement inputs, RequestMemory memory)
    {
        var rows = new RowColumns("inputs", memory);
        foreach (JsonProperty input in inputs.EnumerateObject())
        {
            rows.Add(input.Name, input.Value);
        }

        return rows.ToTable();
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            // Python's json.dumps writes NaN and Infinity without quotes.
            byte[] quoted = BareNumbers.Quote(body.Span);
            try
            {
                return JsonDocument.Parse(quoted);
            }
            catch (JsonException exception)
            {
                throw Invalid(string.Create(CultureInfo.InvariantCulture, $"The body is not valid JSON: {exception.Message}"));
            }
        }
    }

    private static ServiceException Invalid(string detail) => new(ErrorCode.InvalidRequest, detail);
}
