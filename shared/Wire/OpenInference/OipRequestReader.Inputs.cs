using System.Text.Json;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

internal ref partial struct OipRequestReader
{
    /// <returns>False for null, which counts as absent.</returns>
    private bool ReadInputs()
    {
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return false;
        }

        if (!StartsArray("inputs"))
        {
            return true;
        }

        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType == JsonTokenType.StartObject)
            {
                ReadInput();
            }
            else
            {
                Violate($"inputs[{_inputs.Count}] must be an object.");
                _reader.Skip();
            }
        }

        return true;
    }

    private void ReadInput()
    {
        InputHeader input = _inputs.Add();
        CheckCount(_inputs.Count, "inputs");
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (NameIs("name"u8))
            {
                _reader.Read();
                input.Name = ReadStringOrNull(input, "name");
            }
            else if (NameIs("datatype"u8))
            {
                _reader.Read();
                input.DatatypeName = ReadStringOrNull(input, "datatype");
                input.Datatype = Datatypes.Find(input.DatatypeName ?? "");
            }
            else if (NameIs("shape"u8))
            {
                _reader.Read();
                input.Shape = ReadShape(input);
            }
            else if (NameIs("data"u8))
            {
                ReadData(input);
            }
            else if (NameIs("parameters"u8))
            {
                ReadInputParameters(input);
            }
            else
            {
                SkipMember();
            }
        }

        if (input.DeferredStart is { } start && input.IsDescribed(_json.Length))
        {
            input.Take(_json, start, _memory, out _);
        }
    }

    /// <summary>
    /// Reads the elements if name, shape and datatype precede them, as they nearly always do; otherwise stores their position.
    /// </summary>
    private void ReadData(InputHeader input)
    {
        JsonReaderState beforeValue = _reader.CurrentState;
        int start = JsonSkipper.SkipBlank(_json, _start + (int)_reader.BytesConsumed);
        int end;
        input.HasData = !_json[start..].StartsWith("null"u8);
        if (!input.HasData)
        {
            end = JsonSkipper.SkipValue(_json, start);
        }
        else if (input.IsDescribed(_json.Length))
        {
            input.Take(_json, start, _memory, out end);
        }
        else
        {
            end = JsonSkipper.SkipValue(_json, start);
            input.DeferredStart = start;
        }

        _start = end - 1;
        byte last = _json[_start];
        _json[_start] = (byte)'0';
        _reader = new Utf8JsonReader(_json[_start..], isFinalBlock: true, beforeValue);
        _reader.Read();
        if (input.DeferredStart is not null)
        {
            _json[_start] = last;
        }
    }

    private long[]? ReadShape(InputHeader input)
    {
        // Null is not a shape, and an input without a shape must not be lost.
        input.HasShape = _reader.TokenType != JsonTokenType.Null;
        if (!StartsArray("shape", input))
        {
            return null;
        }

        Span<long> shape = stackalloc long[JsonSkipper.MaxDepth];
        int rank = 0;
        bool valid = true;
        long count = 1;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            long dimension = -1;
            valid &= _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out dimension) && dimension >= 0;
            valid &= dimension <= 0 || count <= int.MaxValue / dimension;
            count *= valid ? dimension : 0;
            // A zero makes the product small again, but no dimension of a tensor may exceed this.
            valid &= rank < shape.Length && dimension <= int.MaxValue;
            if (valid)
            {
                shape[rank++] = dimension;
            }

            _reader.Skip();
        }

        if (!valid)
        {
            Violate($"The shape of {input.Label} must be at most {JsonSkipper.MaxDepth} integers from 0 with a product below 2^31.");
            return null;
        }

        return shape[..rank].ToArray();
    }

    private void ReadInputParameters(InputHeader input)
    {
        _reader.Read();
        if (!StartsObject("parameters", input))
        {
            return;
        }

        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (NameIs("binary_data_size"u8))
            {
                _reader.Read();
                if (_reader.TokenType == JsonTokenType.Number && _reader.TryGetInt32(out int size) && size >= 0)
                {
                    input.BinaryBytes = size;
                }
                else
                {
                    Violate($"binary_data_size of {input.Label} must be an integer from 0.");
                    input.IsBroken = true;
                    _reader.Skip();
                }
            }
            else if (NameIs("shared_memory_region"u8))
            {
                Violate($"{input.Label} is in shared memory, which is not supported: send 'data' or binary data.");
                input.IsBroken = true;
                SkipMember();
            }
            else
            {
                SkipMember();
            }
        }
    }
}
