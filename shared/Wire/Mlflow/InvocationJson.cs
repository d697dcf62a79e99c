using System.Text;
using System.Text.Json;
using Modeldrop.Errors;

namespace Modeldrop.Wire.Mlflow;

/// <summary>Reads <c>dataframe_split</c>, <c>dataframe_records</c>, <c>instances</c> and <c>inputs</c>.</summary>
/// <remarks>
/// The text is read twice: once to check it and to find the rows, once to read their values into columns. No document is built, which would
/// take several times the memory of the text.
/// </remarks>
internal static class InvocationJson
{
    private const string Split = "dataframe_split";
    private const string Records = "dataframe_records";
    private const string Instances = "instances";
    private const string Inputs = "inputs";

    /// <summary>Maximum number of cells of a request that lacks most of them: 8 MB for their places.</summary>
    private const int MaxSparseCells = 1_000_000;

    /// <summary>About what a name in a list and a set takes, beside its characters.</summary>
    private const int NameBytes = 64;

    private static readonly string[] Forms = [Split, Records, Instances, Inputs];

    /// <exception cref="JsonException">The text is not JSON.</exception>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/>; <see cref="ErrorCode.MemoryExhausted"/>.</exception>
    public static InvocationRequest Read(ReadOnlySpan<byte> json, RequestMemory memory)
    {
        json = json.StartsWith(Encoding.UTF8.Preamble) ? json[Encoding.UTF8.Preamble.Length..] : json;
        (string form, int start) = FindForm(json);
        Utf8JsonReader value = At(json, start);
        return form switch
        {
            Split => new InvocationRequest(ReadSplit(json, start, memory), isFrame: true),
            Records => new InvocationRequest(ReadRecords(form, value, json.Length, memory), isFrame: true),
            Inputs when value.TokenType == JsonTokenType.StartObject => new InvocationRequest(ReadNamed(value, memory), isFrame: false),
            _ => ReadInstances(form, value, json.Length, memory),
        };
    }

    /// <summary>Checks the whole text and finds the member with the rows.</summary>
    private static (string Form, int Start) FindForm(ReadOnlySpan<byte> json)
    {
        List<(string Name, int Start)> found = [];
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = TextOf(ref reader);
                reader.Read();
                if (Forms.Contains(name))
                {
                    found.Add((name, (int)reader.TokenStartIndex));
                }

                reader.Skip();
            }
        }
        else
        {
            reader.Skip();
        }

        // Throws if anything follows the value.
        reader.Read();
        return found is [var only] ? only
            : throw Invalid("The body must be a JSON object with exactly one of 'dataframe_split', 'dataframe_records', 'instances' or "
                + $"'inputs'{(found.Count == 0 ? "" : $"; it has {found.Count}")}.");
    }

    /// <summary>A reader at the first token of a value.</summary>
    private static Utf8JsonReader At(ReadOnlySpan<byte> json, int start)
    {
        var reader = new Utf8JsonReader(json[start..]);
        reader.Read();
        return reader;
    }

    private static InvocationRequest ReadInstances(string form, Utf8JsonReader value, int bodyBytes, RequestMemory memory)
    {
        if (value.TokenType != JsonTokenType.StartArray)
        {
            string orObject = form == Inputs ? ", or an object of such arrays" : "";
            throw Invalid($"'{form}' must be an array with one element per row{orObject}.");
        }

        Utf8JsonReader first = value;
        first.Read();
        if (first.TokenType == JsonTokenType.StartObject)
        {
            return new InvocationRequest(ReadRecords(form, value, bodyBytes, memory), isFrame: false);
        }

        // Without names: the rows of the only input.
        var columns = new RowColumns(form, memory);
        columns.Add("", ref value);
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

    /// <param name="start">Where the object starts.</param>
    private static RowTable ReadSplit(ReadOnlySpan<byte> json, int start, RequestMemory memory)
    {
        Utf8JsonReader split = At(json, start);
        bool isObject = split.TokenType == JsonTokenType.StartObject;
        (int? names, int? data) = (null, null);
        while (isObject && split.Read() && split.TokenType == JsonTokenType.PropertyName)
        {
            string member = TextOf(ref split);
            split.Read();
            int? place = split.TokenType == JsonTokenType.StartArray ? start + (int)split.TokenStartIndex : null;
            names = member == "columns" ? place : names;
            data = member == "data" ? place : data;
            split.Skip();
        }

        return names is { } namesAt && data is { } dataAt
            ? ReadSplit(NamesAt(json, namesAt, memory), At(json, dataAt), memory)
            : throw Invalid("'dataframe_split' must be an object with the arrays 'columns' and 'data'.");
    }

    /// <summary>The names of columns: a text, or whatever a data frame has as the name of a column, as its JSON.</summary>
    private static List<string> NamesAt(ReadOnlySpan<byte> json, int start, RequestMemory memory)
    {
        List<string> names = [];
        Utf8JsonReader name = At(json, start);
        while (name.Read() && name.TokenType != JsonTokenType.EndArray)
        {
            int first = (int)name.TokenStartIndex;
            bool isText = name.TokenType == JsonTokenType.String;
            name.Skip();
            names.Add(isText ? TextOf(ref name) : Encoding.UTF8.GetString(json[start..][first..(int)name.BytesConsumed]));
            memory.Count(NameBytes + (sizeof(char) * names[^1].Length));
        }

        return names;
    }

    private static RowTable ReadSplit(List<string> names, Utf8JsonReader data, RequestMemory memory)
    {
        var rows = new RowColumns(Split, memory);
        RowColumn[] columns = [.. names.Select(rows.Add)];
        int row = 0;
        for (; data.Read() && data.TokenType != JsonTokenType.EndArray; row++)
        {
            int count = 0;
            if (data.TokenType == JsonTokenType.StartArray)
            {
                while (data.Read() && data.TokenType != JsonTokenType.EndArray && count < columns.Length)
                {
                    columns[count++].Add(row, ref data);
                }
            }

            if (count != columns.Length || data.TokenType != JsonTokenType.EndArray)
            {
                throw Invalid($"'{Split}', row {row + 1}: 'data' must have {names.Count} values in each row, like 'columns'.");
            }
        }

        return rows.ToTable(row);
    }

    private static RowTable ReadRecords(string form, Utf8JsonReader records, int bodyBytes, RequestMemory memory)
    {
        List<string> names = NamesOf(form, records, bodyBytes, memory);
        var rows = new RowColumns(form, memory);
        RowColumn[] columns = [.. names.Select(rows.Add)];
        Dictionary<string, int> positions = names.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        int row = 0;
        for (; records.Read() && records.TokenType != JsonTokenType.EndArray; row++)
        {
            int position = 0;
            while (records.Read() && records.TokenType != JsonTokenType.EndObject)
            {
                // Most records have the names in the order of the first one.
                position = position < names.Count && NameIs(ref records, names[position]) ? position : positions[TextOf(ref records)];
                records.Read();
                columns[position++].Add(row, ref records);
            }
        }

        return rows.ToTable(row);
    }

    /// <summary>
    /// The names of all records. Counted before anything is built: a member that a record lacks is a missing value, as in a data frame, and
    /// still needs a cell.
    /// </summary>
    private static List<string> NamesOf(string form, Utf8JsonReader records, int bodyBytes, RequestMemory memory)
    {
        // A complete table has no more cells than its text has bytes.
        int rows = CountOf(form, records);
        long maxNames = Math.Max(MaxSparseCells, bodyBytes) / Math.Max(1, rows);
        List<string> names = [];
        HashSet<string> known = new(StringComparer.Ordinal);
        int position = 0;
        while (records.Read() && records.TokenType != JsonTokenType.EndArray)
        {
            if (records.TokenType != JsonTokenType.PropertyName)
            {
                position = 0;
                continue;
            }

            if (position == names.Count || !NameIs(ref records, names[position]))
            {
                string name = TextOf(ref records);
                if (known.Add(name))
                {
                    memory.Count(NameBytes + (sizeof(char) * name.Length));
                    names.Add(name);
                }
            }

            if (names.Count > maxNames)
            {
                throw Invalid($"'{form}' has {rows} rows with more than {maxNames} different names; "
                    + $"if most rows lack most of them, rows times names can be {MaxSparseCells}.");
            }

            position = Math.Min(position + 1, names.Count);
            records.Read();
            records.Skip();
        }

        return names;
    }

    private static int CountOf(string form, Utf8JsonReader records)
    {
        int rows = 0;
        bool fits = records.TokenType == JsonTokenType.StartArray;
        while (fits && records.Read() && records.TokenType != JsonTokenType.EndArray)
        {
            fits = records.TokenType == JsonTokenType.StartObject;
            records.Skip();
            rows++;
        }

        return fits ? rows : throw Invalid($"'{form}' must be an array of objects, one per row.");
    }

    private static RowTable ReadNamed(Utf8JsonReader inputs, RequestMemory memory)
    {
        var rows = new RowColumns(Inputs, memory);
        while (inputs.Read() && inputs.TokenType == JsonTokenType.PropertyName)
        {
            string name = TextOf(ref inputs);
            inputs.Read();
            rows.Add(name, ref inputs);
        }

        return rows.ToTable();
    }

    private static bool NameIs(ref Utf8JsonReader reader, string name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            // Not valid Unicode: TextOf reports it.
            return false;
        }
    }

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> when it is not valid Unicode.</exception>
    internal static string TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, "The body has a text that is not valid Unicode.", exception);
        }
    }

    private static ServiceException Invalid(string detail) => new(ErrorCode.InvalidRequest, detail);
}
