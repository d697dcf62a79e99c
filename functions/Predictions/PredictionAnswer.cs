using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Export;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Functions.Predictions;

/// <summary>Writes a logged prediction with its provenance.</summary>
internal sealed class PredictionAnswer(Prediction prediction, ModelVersion? version, IReadOnlyList<StoredFeedback> feedback) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(httpContext.Response.BodyWriter);
        json.WriteStartObject();
        PredictionJson.WriteMembers(json, prediction);
        if (version?.Dataset is { } dataset)
        {
            json.WritePropertyName("dataset");
            JsonSerializer.Serialize(json, dataset, StoredJson.Options);
        }

        json.WritePropertyName("feedback");
        JsonSerializer.Serialize(json, feedback.Select(one => new { one.Labels, one.ReceivedAt, one.Actor }), StoredJson.Options);
        json.WriteEndObject();
    }
}
