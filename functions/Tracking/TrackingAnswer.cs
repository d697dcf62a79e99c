using Microsoft.AspNetCore.Http;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Functions.Tracking;

/// <summary>Answers of MLflow's routes: always 200 and an object.</summary>
internal static class TrackingAnswer
{
    /// <summary>The answer of a call that returns no data.</summary>
    public static IResult Empty { get; } = Json(new EmptyAnswer());

    public static IResult Json<T>(T value) => Results.Json(value, TrackingJson.Options);
}
