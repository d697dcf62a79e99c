using System.Globalization;
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
    // A cell of a few characters becomes an element of a document, a string and a number.
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
        memory.Take(BytesPerByte * (long)body.Length);
        await memory.EnterAsync(body.Length, cancellationToken);
        if (!isCsv)
        {
            InvocationRequest decoded = ReadJson(body.Memory);
            memory.Leave();
            return decoded;
        }

        using var stream = new MemoryStream(body.Memory.ToArray(), writable: false);
        Table table = await TableReader.ReadCsvAsync(stream, "body", TableLimits.Default, cancellationToken);
        memory.Leave();
        return new InvocationRequest(_ => new RowTable(table, []), isFrame: true);
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

    private static InvocationRequest ReadJson(ReadOnlyMemory<byte> body)
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
                RowTable split = ReadSplit(value);
                return new InvocationRequest(_ => split, isFrame: true);
            case "dataframe_records":
                RowTable records = ReadRecords("dataframe_records", value, body.Length);
                return new InvocationRequest(_ => records, isFrame: true);
            case "inputs" when value.ValueKind == JsonValueKind.Object:
                RowTable named = ReadNamed(value);
                return new InvocationRequest(_ => named, isFrame: false);
            default:
                return ReadInstances(forms[0].Name, value, body.Length);
        }
    }

    private static InvocationRequest ReadInstances(string form, JsonElement value, int bodyBytes)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            string orObject = form == "inputs" ? ", or an object of such arrays" : "";
            throw Invalid($"'{form}' must be an array with one element per row{orObject}.");
        }

        if (value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Object)
        {
            RowTable records = ReadRecords(form, value, bodyBytes);
            return new InvocationRequest(_ => records, isFrame: false);
        }

        // Without names: the rows of the only input.
        var rows = new RowColumns(form);
        rows.Add("", value);
        return new InvocationRequest(
            signature => signature.Inputs.Where(input => !input.Optional).ToList() is [var only]
                ? rows.ToTable(name => only.Name + name)
                : throw new ServiceException(
                    ErrorCode.InvalidTensor,
                    $"'{form}' does not name its values, and the model has several inputs: "
                        + $"{string.Join(", ", signature.Inputs.Select(input => $"'{input.Name}'"))}."),
            isFrame: false);
    }

    private static RowTable ReadSplit(JsonElement split)
    {
        if (split.ValueKind != JsonValueKind.Object
            || !split.TryGetProperty("columns", out JsonElement columns) || columns.ValueKind != JsonValueKind.Array
            || !split.TryGetProperty("data", out JsonElement data) || data.ValueKind != JsonValueKind.Array)
        {
            throw Invalid("'dataframe_split' must be an object with the arrays 'columns' and 'data'.");
        }

        string[] names = [.. columns.EnumerateArray()
            .Select(name => name.ValueKind == JsonValueKind.String ? name.GetString()! : name.GetRawText())];
        int rowNumber = 0;
        foreach (JsonElement row in data.EnumerateArray())
        {
            rowNumber++;
            if (row.ValueKind != JsonValueKind.Array || row.GetArrayLength() != names.Length)
            {
                throw Invalid($"'dataframe_split', row {rowNumber}: 'data' must have {names.Length} values in each row, like 'columns'.");
            }
        }

        JsonElement[][] cells = Array.ConvertAll(names, _ => new JsonElement[rowNumber]);
        foreach ((int row, JsonElement values) in data.EnumerateArray().Index())
        {
            // Enumerated, because indexing a document's element scans all elements before it.
            foreach ((int column, JsonElement value) in values.EnumerateArray().Index())
            {
                cells[column][row] = value;
            }
        }

        var rows = new RowColumns("dataframe_split");
        for (int column = 0; column < names.Length; column++)
        {
            rows.Add(names[column], cells[column]);
        }

        return rows.ToTable();
    }

    private static RowTable ReadRecords(string form, JsonElement records, int bodyBytes)
    {
        if (records.ValueKind != JsonValueKind.Array || records.EnumerateArray().Any(record => record.ValueKind != JsonValueKind.Object))
        {
            throw Invalid($"'{form}' must be an array of objects, one per row.");
        }

        List<string> names = NamesOf(form, records, bodyBytes);
        Dictionary<string, JsonElement[]> cells = names.ToDictionary(
            name => name, _ => new JsonElement[records.GetArrayLength()], StringComparer.Ordinal);
        foreach ((int row, JsonElement record) in records.EnumerateArray().Index())
        {
            foreach (JsonProperty member in record.EnumerateObject())
            {
                cells[member.Name][row] = member.Value;
            }
        }

        var rows = new RowColumns(form);
        foreach (string name in names)
        {
            rows.Add(name, cells[name]);
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

    private static RowTable ReadNamed(JsonElement inputs)
    {
        var rows = new RowColumns("inputs");
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
