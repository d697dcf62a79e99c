using System.Globalization;
using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

/// <summary>Reads the JSON of an inference request straight into tensors, in one pass.</summary>
/// <remarks>Unknown members are tolerated, as clients send some. Bare <c>NaN</c> and <c>Infinity</c> are taken: <see cref="BareNumbers"/>.</remarks>
public static class InferRequestReader
{
    private const int MaxJsonDepth = 64;
    private const int MaxDimensions = 16;

    /// <param name="maxElements">Of one tensor.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> or <see cref="ErrorCode.InvalidTensor"/> with everything that is wrong.</exception>
    public static InferRequest Read(ReadOnlySpan<byte> body, long maxElements)
    {
        var violations = new List<string>();
        var reader = new Utf8JsonReader(BareNumbers.Replace(body), new JsonReaderOptions { MaxDepth = MaxJsonDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new ServiceException(ErrorCode.InvalidRequest, "The body must be a JSON object with 'inputs'.");
            }

            InferRequest? request = ReadRequest(ref reader, maxElements, violations);
            if (reader.Read())
            {
                violations.Add("There is more behind the request's object.");
            }

            return violations.Count == 0 && request is not null ? request : throw new ServiceException(ErrorCode.InvalidTensor, violations);
        }
        catch (JsonException exception)
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                $"The body is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.", exception);
        }
        catch (InvalidOperationException exception)
        {
            // The reader's word for a string that is not UTF-8 or has a lone surrogate.
            throw new ServiceException(ErrorCode.InvalidRequest, "A string of the body is not valid Unicode.", exception);
        }
    }

    private static InferRequest? ReadRequest(ref Utf8JsonReader reader, long maxElements, List<string> violations)
    {
        string? id = null;
        List<Tensor>? inputs = null;
        List<string>? outputs = null;
        DateTimeOffset? eventTime = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("inputs"u8))
            {
                reader.Read();
                inputs = ReadInputs(ref reader, maxElements, violations);
            }
            else if (reader.ValueTextEquals("outputs"u8))
            {
                reader.Read();
                outputs = ReadOutputs(ref reader, violations);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                id = ReadString(ref reader, "id", violations);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                eventTime = ReadParameters(ref reader, violations);
            }
            else
            {
                reader.Skip();
            }
        }

        if (inputs is null && violations.Count == 0)
        {
            violations.Add("The request has no 'inputs'.");
        }

        return inputs is null ? null : new InferRequest { Id = id, Inputs = inputs, Outputs = outputs, EventTime = eventTime };
    }

    private static List<Tensor>? ReadInputs(ref Utf8JsonReader reader, long maxElements, List<string> violations)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            violations.Add("'inputs' must be an array of tensors.");
            reader.Skip();
            return null;
        }

        var tensors = new List<Tensor>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                violations.Add($"Input {tensors.Count} must be an object with name, shape, datatype and data.");
                reader.Skip();
            }
            else if (ReadInput(ref reader, tensors.Count, maxElements, violations) is { } tensor)
            {
                tensors.Add(tensor);
            }
        }

        return tensors;
    }

    private static Tensor? ReadInput(ref Utf8JsonReader reader, int index, long maxElements, List<string> violations)
    {
        string? name = null;
        Datatype? datatype = null;
        long[]? shape = null;
        Utf8JsonReader data = default;
        bool hasData = false;
        int before = violations.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                reader.Read();
                name = ReadString(ref reader, $"inputs[{index}].name", violations);
            }
            else if (reader.ValueTextEquals("datatype"u8))
            {
                reader.Read();
                datatype = ReadDatatype(ref reader, index, violations);
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                reader.Read();
                shape = ReadShape(ref reader, index, violations);
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                // Members come in any order: the data are read when name, datatype and shape are known.
                reader.Read();
                data = reader;
                hasData = true;
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        if (violations.Count > before)
        {
            return null;
        }

        string[] missing = [.. new[] { name is null ? "name" : "", datatype is null ? "datatype" : "", shape is null ? "shape" : "", hasData ? "" : "data" }.Where(member => member.Length > 0)];
        if (missing.Length > 0)
        {
            violations.Add($"Input {(name is null ? index : $"'{name}'")} lacks {string.Join(", ", missing)}.");
            return null;
        }

        if (TensorJson.ReadData(ref data, name!, datatype!.Value, shape!, maxElements, out Tensor? tensor) is { } problem)
        {
            violations.Add(problem);
        }

        return tensor;
    }

    private static Datatype? ReadDatatype(ref Utf8JsonReader reader, int index, List<string> violations)
    {
        string? text = ReadString(ref reader, $"inputs[{index}].datatype", violations);
        if (text is null)
        {
            return null;
        }

        Datatype? datatype = Datatypes.Find(text);
        if (datatype is null)
        {
            violations.Add($"inputs[{index}].datatype '{text}' is none of the protocol's datatypes.");
        }

        return datatype;
    }

    private static long[]? ReadShape(ref Utf8JsonReader reader, int index, List<string> violations)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            violations.Add($"inputs[{index}].shape must be an array of dimensions.");
            reader.Skip();
            return null;
        }

        var shape = new List<long>();
        bool valid = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            bool isDimension = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long dimension) && dimension is >= 0 and <= int.MaxValue && Add(dimension);
            valid &= isDimension;
            reader.Skip();
        }

        if (!valid || shape.Count > MaxDimensions || IsBeyondCounting(shape))
        {
            violations.Add($"inputs[{index}].shape must have at most {MaxDimensions} dimensions, each a whole number from 0.");
            return null;
        }

        return [.. shape];

        bool Add(long dimension)
        {
            shape.Add(dimension);
            return true;
        }
    }

    private static bool IsBeyondCounting(List<long> shape)
    {
        double count = 1;
        foreach (long dimension in shape)
        {
            count *= dimension;
        }

        return count > int.MaxValue;
    }

    private static List<string>? ReadOutputs(ref Utf8JsonReader reader, List<string> violations)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            violations.Add("'outputs' must be an array of objects with a name.");
            reader.Skip();
            return null;
        }

        var names = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            string? name = null;
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (reader.ValueTextEquals("name"u8))
                    {
                        reader.Read();
                        name = ReadString(ref reader, "outputs[].name", violations);
                    }
                    else
                    {
                        reader.Skip();
                    }
                }
            }
            else
            {
                reader.Skip();
            }

            if (name is null)
            {
                violations.Add("Each of 'outputs' must be an object with a name.");
            }
            else
            {
                names.Add(name);
            }
        }

        return names;
    }

    private static DateTimeOffset? ReadParameters(ref Utf8JsonReader reader, List<string> violations)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            violations.Add("'parameters' must be an object.");
            reader.Skip();
            return null;
        }

        DateTimeOffset? eventTime = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isEventTime = reader.ValueTextEquals("event_time"u8);
            reader.Read();
            if (!isEventTime)
            {
                reader.Skip();
            }
            else if (ReadString(ref reader, "parameters.event_time", violations) is { } text)
            {
                eventTime = ParseTime(text, violations);
            }
        }

        return eventTime;
    }

    private static DateTimeOffset? ParseTime(string text, List<string> violations)
    {
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time))
        {
            return time;
        }

        violations.Add($"parameters.event_time must be an instant such as 2026-01-31T12:00:00Z, not '{text}'.");
        return null;
    }

    private static string? ReadString(ref Utf8JsonReader reader, string what, List<string> violations)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        violations.Add($"'{what}' must be a string.");
        reader.Skip();
        return null;
    }
}
