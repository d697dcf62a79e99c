using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Modeldrop.Predictions;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

/// <summary>Writes the JSON of an inference answer.</summary>
internal static class InferResponseWriter
{
    /// <param name="prediction">Null when the request is not logged.</param>
    public static void Write(PipeWriter output, Route route, InferRequest request, IReadOnlyList<Tensor> outputs, PredictionId? prediction)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("model_name", route.Model.Value);
        json.WriteString("model_version", route.Version.Version.ToString(CultureInfo.InvariantCulture));
        if (request.Id is not null)
        {
            json.WriteString("id", request.Id);
        }

        json.WriteStartObject("parameters");
        if (prediction is { } id)
        {
            json.WriteString("prediction_id", id.ToString());
        }

        if (route.Alias is not null)
        {
            json.WriteString("alias", route.Alias);
        }

        json.WriteEndObject();
        json.WriteStartArray("outputs");
        foreach (Tensor tensor in outputs)
        {
            if (request.Outputs is null || request.Outputs.Contains(tensor.Name))
            {
                TensorJson.Write(json, tensor);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
