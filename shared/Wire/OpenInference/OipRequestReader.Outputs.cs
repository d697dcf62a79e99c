using System.Text.Json;

namespace Modeldrop.Wire.OpenInference;

internal ref partial struct OipRequestReader
{
    private void ReadOutputs()
    {
        _reader.Read();
        if (!StartsArray("outputs"))
        {
            return;
        }

        _outputs = [];
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            CheckCount(_outputs.Count + 1, "outputs");
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                Violate($"outputs[{_outputs.Count}] must be an object.");
                _reader.Skip();
                continue;
            }

            string? name = null;
            bool binary = false;
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                if (NameIs("name"u8))
                {
                    _reader.Read();
                    name = ReadStringOrNull(null, "name", _outputs.Count);
                }
                else if (NameIs("parameters"u8))
                {
                    binary = ReadOutputParameters($"outputs[{_outputs.Count}]");
                }
                else
                {
                    SkipMember();
                }
            }

            if (name is null)
            {
                Violate($"outputs[{_outputs.Count}] has no name.");
            }

            _outputs.Add(new RequestedOutput(name ?? "", binary));
        }
    }

    private bool ReadOutputParameters(string position)
    {
        bool binary = false;
        _reader.Read();
        if (!StartsObject($"{position}.parameters"))
        {
            return false;
        }

        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (NameIs("binary_data"u8))
            {
                _reader.Read();
                binary = ReadBoolean($"{position}.parameters.binary_data");
            }
            else if (NameIs("classification"u8))
            {
                // Ignoring it would return something other than the caller requested.
                Violate($"{position} requests 'classification', which is not supported.");
                SkipMember();
            }
            else if (NameIs("shared_memory_region"u8))
            {
                Violate($"{position} is requested in shared memory, which is not supported: request JSON or binary data.");
                SkipMember();
            }
            else
            {
                SkipMember();
            }
        }

        return binary;
    }
}
