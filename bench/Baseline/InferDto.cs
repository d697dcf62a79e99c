using System.Text.Json;
using System.Text.Json.Serialization;

namespace Modeldrop.Baseline;

internal sealed record DigitsRequest(string? Id, DigitsInput[] Inputs);

internal sealed record DigitsInput(string Name, long[] Shape, string Datatype, float[] Data);

internal sealed record FlightsRequest(string? Id, FlightsInput[] Inputs);

/// <param name="Data">Numbers or strings, depending on the input.</param>
internal sealed record FlightsInput(string Name, long[] Shape, string Datatype, JsonElement Data);

internal sealed record InferAnswer(string ModelName, string? Id, object[] Outputs);

internal sealed record LabelOutput(string Name, string Datatype, long[] Shape, long[] Data);

internal sealed record ProbabilitiesOutput(string Name, string Datatype, long[] Shape, float[] Data);

[
    JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DigitsRequest))]
[JsonSerializable(typeof(FlightsRequest))]
[JsonSerializable(typeof(InferAnswer))]
[JsonSerializable(typeof(LabelOutput))]
[JsonSerializable(typeof(ProbabilitiesOutput))]
internal sealed partial class InferJson : JsonSerializerContext;
