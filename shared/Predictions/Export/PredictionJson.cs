using System.Text.Json;
using Modeldrop.Tensors;
using Modeldrop.Wire.OpenInference;

namespace Modeldrop.Predictions.Export;

/// <summary>A logged request as JSON.</summary>
public static class PredictionJson
{
    /// <summary>Writes the members of an object that the caller has started.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Prediction prediction)
    {
        json.WriteString("id", prediction.Id.ToString());
        json.WriteString("model", prediction.Model.Value);
        json.WriteNumber("version", prediction.Version);
        json.WriteString("modelSha256", prediction.ModelSha256);
        WriteOptional(json, "alias", prediction.Alias);
        WriteOptional(json, "requestId", prediction.RequestId);
        WriteOptional(json, "error", prediction.Error);
        json.WriteString("receivedAt", prediction.ReceivedAt);
        json.WriteString("eventTime", prediction.EventTime);
        json.WriteNumber("sample", prediction.Sample);
        json.WriteNumber("durationMs", prediction.Duration.TotalMilliseconds);
        json.WriteString("environment", prediction.Environment);
        WriteTensors(json, "inputs", prediction.Inputs);
        WriteTensors(json, "outputs", prediction.Outputs);
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteTensors(Utf8JsonWriter json, string name, IReadOnlyList<Tensor> tensors)
    {
        json.WriteStartArray(name);
        foreach (Tensor tensor in tensors)
        {
            OipCodec.WriteTensor(json, tensor);
        }

        json.WriteEndArray();
    }
}
