using System.Globalization;
using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>Decodes an inference request of the Open Inference Protocol from its uncompressed body, in one pass.</summary>
/// <remarks>
/// <see cref="Utf8JsonReader"/> reads everything except the elements of <c>data</c>, which are read directly into the tensor's memory
/// (<see cref="JsonTensorReader"/>). To hide <c>data</c> from it, the last byte of that value is overwritten with <c>0</c>, and a reader
/// with the state before the value continues there: it sees <c>data</c> as <c>0</c>. The body belongs to us, so it may be changed.
/// </remarks>
internal ref partial struct OipRequestReader
{
    /// <summary>Maximum number of inputs, and of requested outputs: more than any model has.</summary>
    /// <remarks>
    /// A longer list is a large object to the garbage collector. Large objects are collected seldom, and until then everything that the
    /// list of a refused request refers to stays in memory.
    /// </remarks>
    private const int MaxTensors = 8_192;

    private readonly Span<byte> _json;
    private readonly RequestMemory _memory;
    private readonly InputHeaders _inputs = InputHeaders.Take();
    private Utf8JsonReader _reader;

    // Offset in _json at which the reader's own text starts.
    private int _start;

    private ViolationList? _violations;
    private string? _id;
    private List<RequestedOutput>? _outputs;
    private bool _binaryOutput;
    private bool _explainRouting;
    private DateTimeOffset? _eventTime;
    private string? _routingKey;

    private OipRequestReader(Span<byte> json, RequestMemory memory)
    {
        _json = json;
        _memory = memory;
        _start = json.StartsWith("\uFEFF"u8) ? 3 : 0;
        _reader = new Utf8JsonReader(json[_start..]);
    }

    /// <param name="body">Uncompressed; it is overwritten while it is read.</param>
    /// <param name="headerLength">Bytes of JSON before the binary tensors (<c>Inference-Header-Content-Length</c>); null: all.</param>
    /// <param name="memory">Owns the memory of large tensors.</param>
    /// <returns>The request; violations are in <see cref="InferRequest.Violations"/>.</returns>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> when the body is not JSON.</exception>
    public static InferRequest Read(Span<byte> body, int? headerLength, RequestMemory memory)
    {
        if (headerLength == 0)
        {
            Memory<byte> raw = memory.Allocate(body.Length);
            body.CopyTo(raw.Span);
            return new InferRequest { RawInput = raw, RawMemory = memory, BinaryOutput = true };
        }

        int jsonBytes = headerLength ?? body.Length;
        var reader = new OipRequestReader(body[..jsonBytes], memory);
        try
        {
            reader.ReadRoot();
        }
        catch (JsonException exception)
        {
            string reason = exception.Message.Split(" LineNumber:")[0];
            throw new ServiceException(ErrorCode.InvalidRequest,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The body is not valid JSON near byte {reader._start + reader._reader.BytesConsumed}: {reason}"),
                exception);
        }

        InferRequest request = reader.Finish(body[jsonBytes..]);
        reader._inputs.GiveBack();
        return request;
    }

    private void ReadRoot()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, "The body must be a JSON object with the member 'inputs'.");
        }

        bool hasInputs = false;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (NameIs("inputs"u8))
            {
                hasInputs = ReadInputs();
            }
            else if (NameIs("outputs"u8))
            {
                ReadOutputs();
            }
            else if (NameIs("parameters"u8))
            {
                ReadParameters();
            }
            else if (NameIs("id"u8))
            {
                _reader.Read();
                _id = ReadStringOrNull("id");
            }
            else
            {
                SkipMember();
            }
        }

        // Throws if anything follows the object.
        _reader.Read();
        if (!hasInputs)
        {
            Violate("The member 'inputs' is missing.");
        }
    }

    private void ReadParameters()
    {
        _reader.Read();
        if (!StartsObject("parameters"))
        {
            return;
        }

        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (NameIs("binary_data_output"u8))
            {
                _reader.Read();
                _binaryOutput = ReadBoolean("parameters.binary_data_output");
            }
            else if (NameIs("explain_routing"u8))
            {
                _reader.Read();
                _explainRouting = ReadBoolean("parameters.explain_routing");
            }
            else if (NameIs("event_time"u8))
            {
                _reader.Read();
                ReadEventTime();
            }
            else if (NameIs("routing_key"u8))
            {
                _reader.Read();
                _routingKey = ReadStringOrNull("parameters.routing_key");
            }
            else
            {
                SkipMember();
            }
        }
    }

    private void ReadEventTime()
    {
        if (ReadStringOrNull("parameters.event_time") is not { } text)
        {
            return;
        }

        if (Rfc3339.TryParse(text, out DateTimeOffset instant))
        {
            _eventTime = instant;
        }
        else
        {
            Violate($"parameters.event_time '{text}' is not an RFC 3339 instant such as '2026-01-31T12:00:00Z'.");
        }
    }

    private InferRequest Finish(ReadOnlySpan<byte> binary)
    {
        var tensors = new Tensor[_inputs.Count];
        int readable = 0;
        List<string>? unreadable = null;
        for (int index = 0; index < _inputs.Count; index++)
        {
            InputHeader input = _inputs[index];
            ReadOnlySpan<byte> bytes = default;
            if (input.BinaryBytes is { } size)
            {
                if (size > binary.Length)
                {
                    Violate($"{input.Label} announces {size} binary bytes, but only {binary.Length} are left in the body.");
                    input.IsBroken = true;
                    size = binary.Length;
                }

                bytes = binary[..size];
                binary = binary[size..];
            }

            if (input.Finish(bytes, _json.Length, _memory, ref _violations) is { } tensor)
            {
                tensors[readable++] = tensor;
            }
            else if (input.Name is not null)
            {
                (unreadable ??= []).Add(input.Name);
            }
        }

        if (!binary.IsEmpty)
        {
            Violate($"{binary.Length} bytes are left in the body after the last binary input.");
        }

        return new InferRequest
        {
            Id = _id,
            Inputs = readable == tensors.Length ? tensors : tensors[..readable],
            Outputs = _outputs,
            BinaryOutput = _binaryOutput,
            ExplainRouting = _explainRouting,
            EventTime = _eventTime,
            RoutingKey = _routingKey,
            UnreadableInputs = unreadable ?? (IReadOnlyList<string>)[],
            Violations = _violations ?? new ViolationList(),
        };
    }

    private static void CheckCount(int count, string what)
    {
        if (count > MaxTensors)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"The request has more than {MaxTensors} {what}.");
        }
    }
}
