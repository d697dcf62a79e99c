using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Speed;

namespace Modeldrop.Wire.OpenInference;

// Reads single tokens, and reports tokens of an unexpected kind.
internal ref partial struct OipRequestReader
{
    private readonly bool NameIs(ReadOnlySpan<byte> name)
    {
        try
        {
            return _reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            // A name with an unpaired surrogate is not valid text, so it is not one of ours.
            return false;
        }
    }

    private string? ReadStringOrNull(string what) => ReadStringOrNull(null, what);

    /// <param name="input">The owner of the member; null: an output, or the request itself.</param>
    /// <param name="output">Position of the output that owns the member; null: none.</param>
    private string? ReadStringOrNull(InputHeader? input, string what, int? output = null)
    {
        if (_reader.TokenType is JsonTokenType.String or JsonTokenType.Null)
        {
            try
            {
                // A text without escapes that recurs in every request need not be created every time.
                return _reader.TokenType == JsonTokenType.String && !_reader.ValueIsEscaped && !_reader.HasValueSequence
                    && input is not null && System.Text.Ascii.IsValid(_reader.ValueSpan)
                    ? TextPool.Get(_reader.ValueSpan)
                    : _reader.GetString();
            }
            catch (InvalidOperationException)
            {
                Violate($"{MemberOf(input, what, output)} is not valid Unicode.");
                return null;
            }
        }

        Violate($"{MemberOf(input, what, output)} must be a string.");
        _reader.Skip();
        return null;
    }

    private static string MemberOf(InputHeader? input, string what, int? output = null) => input is not null
        ? $"inputs[{input.Position}].{what}"
        : output is null ? what : $"outputs[{output}].{what}";

    private void Violate(string violation) => (_violations ??= new ViolationList()).Add(violation);

    private bool ReadBoolean(string what)
    {
        if (_reader.TokenType is JsonTokenType.True or JsonTokenType.False)
        {
            return _reader.GetBoolean();
        }

        Violate($"{what} must be true or false.");
        _reader.Skip();
        return false;
    }

    private bool StartsArray(string what, InputHeader? input = null) => Starts(JsonTokenType.StartArray, what, input, "an array");

    private bool StartsObject(string what, InputHeader? input = null) => Starts(JsonTokenType.StartObject, what, input, "an object");

    /// <summary>Null counts as absent: clients write it for members that they do not set.</summary>
    private bool Starts(JsonTokenType token, string what, InputHeader? input, string kind)
    {
        if (_reader.TokenType == token)
        {
            return true;
        }

        if (_reader.TokenType != JsonTokenType.Null)
        {
            Violate($"{MemberOf(input, what)} must be {kind}.");
            _reader.Skip();
        }

        return false;
    }

    private void SkipMember()
    {
        _reader.Read();
        _reader.Skip();
    }
}
