using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;
using Modeldrop.Scoring;
using Modeldrop.Storage;
using Modeldrop.Tensors;

namespace Modeldrop.Functions.Predictions;

/// <summary>Writes a logged prediction with all that made it.</summary>
internal sealed class PredictionAnswer(Prediction prediction, ModelVersion? version, IReadOnlyList<StoredFeedback> feedback) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(httpContext.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("id", prediction.Id.ToString());
        json.WriteString("model", prediction.Model.Value);
        json.WriteNumber("version", prediction.Version);
        json.WriteString("modelSha256", prediction.ModelSha256);
        if (version?.Dataset is { } dataset)
        {
            json.WritePropertyName("dataset");
            JsonSerializer.Serialize(json, dataset, StoredJson.Options);
        }

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
        json.WritePropertyName("feedback");
        JsonSerializer.Serialize(json, feedback.Select(one => new { one.Labels, one.ReceivedAt, one.Actor }), StoredJson.Options);
        json.WriteEndObject();
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
