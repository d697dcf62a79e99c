using Microsoft.AspNetCore.Http;
using Modeldrop.Names;
using Modeldrop.Routing;

namespace Modeldrop.Functions.Access;

/// <summary>Finds the model that a request concerns.</summary>
internal static class RequestedModel
{
    /// <returns>Null: it concerns no single model, or an unknown one.</returns>
    public static string? Find(HttpRequest request, string function, TrafficRouter router)
    {
        if (request.RouteValues.GetValueOrDefault("model") is string model)
        {
            return model;
        }

        if (request.RouteValues.GetValueOrDefault("id") is string id)
        {
            return OperationId.Find(id)?.Model.Value ?? ModelOfPrediction(id, router);
        }

        return RoutePermissions.ListsByModel(function) ? request.Query["model"].FirstOrDefault() : null;
    }

    public static IReadOnlyDictionary<string, string>? TagsOf(string model, TrafficRouter router) =>
        router.Current.Find(model)?.Head.Tags;

    /// <summary>
    /// The id has 32 bits of the model's hash. Two models with the same bits cannot be distinguished, so neither is returned.
    /// </summary>
    private static string? ModelOfPrediction(string text, TrafficRouter router)
    {
        if (PredictionId.Find(text) is not { } id)
        {
            return null;
        }

        string[] models =
            [.. router.Current.Models.Where(model => PredictionId.HashOf(model.Name) == id.ModelHash).Select(model => model.Name.Value)];
        return models is [var only] ? only : null;
    }
}
