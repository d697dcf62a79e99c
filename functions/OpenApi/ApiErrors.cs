using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Modeldrop.Access;
using Modeldrop.Errors;

namespace Modeldrop.Functions.OpenApi;

/// <summary>The error responses, from <see cref="ErrorTable"/>.</summary>
internal static class ApiErrors
{
    private const string Problem = "Problem";
    private const string ScoringError = "ScoringError";
    private const string TrackingError = "TrackingError";

    private static readonly int[] All =
        [.. Enum.GetValues<ErrorCode>().Select(code => ErrorTable.Get(code).Status).Append(500).Distinct().Order()];

    /// <summary>The error statuses that a route can return.</summary>
    public static IEnumerable<int> StatusesOf(ApiRoute route)
    {
        bool isOpen = route.Needs is null or Permissions.None;
        return All.Where(status => status switch
        {
            StatusCodes.Status400BadRequest or StatusCodes.Status500InternalServerError => true,
            StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests => !isOpen,
            // A process with other roles does not have the route (setting Roles).
            StatusCodes.Status404NotFound => true,
            StatusCodes.Status501NotImplemented => route.IsTracking,
            StatusCodes.Status409Conflict => !isOpen,
            StatusCodes.Status413PayloadTooLarge or StatusCodes.Status415UnsupportedMediaType => route.Verb is not ("get" or "delete"),
            StatusCodes.Status503ServiceUnavailable => !isOpen,
            _ => false,
        });
    }

    /// <summary>The name in <c>components.responses</c>.</summary>
    public static string NameOf(ApiRoute route, int status) =>
        (IsScoring(route.Path) ? ScoringError : route.IsTracking ? TrackingError : Problem) + status;

    public static JsonObject Responses() => new(
        from form in (string[])[Problem, ScoringError, TrackingError]
        from status in All
        select KeyValuePair.Create<string, JsonNode?>($"{form}{status}", new JsonObject
        {
            ["description"] = string.Join("; ", Enum.GetValues<ErrorCode>().Where(code => ErrorTable.Get(code).Status == status)
                .Select(code => ErrorTable.Get(code).Title).DefaultIfEmpty(Words(status)).Distinct()),
            ["content"] = form == Problem
                ? new JsonObject { ["application/problem+json"] = Reference(Problem), ["text/html"] = new JsonObject() }
                : new JsonObject { ["application/json"] = Reference(form) },
        }));

    /// <summary>All schemas, including those of errors.</summary>
    public static JsonObject AddTo(SortedDictionary<string, JsonNode> schemas)
    {
        static JsonObject Text() => new() { ["type"] = "string" };

        schemas[Problem] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "RFC 9457. All violations are reported at once.",
            ["required"] = new JsonArray("type", "title", "status", "detail", "code", "traceId"),
            ["properties"] = new JsonObject
            {
                ["type"] = Text(),
                ["title"] = Text(),
                ["status"] = new JsonObject { ["type"] = "integer" },
                ["detail"] = Text(),
                ["instance"] = Text(),
                ["code"] = new JsonObject
                {
                    ["enum"] = new JsonArray([.. Enum.GetNames<ErrorCode>().Select(JsonNamingPolicy.CamelCase.ConvertName)
                        .Append("internal").Select(name => JsonValue.Create(name))]),
                },
                ["traceId"] = Text(),
                ["errors"] = new JsonObject
                {
                    ["type"] = "array",
                    ["items"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["detail"] = Text() } },
                },
            },
        };
        schemas[TrackingError] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "An error in the form of MLflow's tracking and registry protocol.",
            ["required"] = new JsonArray("error_code", "message"),
            ["properties"] = new JsonObject { ["error_code"] = Text(), ["message"] = Text() },
        };
        schemas[ScoringError] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "Has `error` below `/v2`; has `error_code` and `message` on MLflow's routes.",
            ["properties"] = new JsonObject { ["error"] = Text(), ["error_code"] = Text(), ["message"] = Text() },
        };
        return new JsonObject(schemas.Select(schema => KeyValuePair.Create<string, JsonNode?>(schema.Key, schema.Value)));
    }

    public static string Words(int status) => ReasonPhrases.GetReasonPhrase(status);

    private static bool IsScoring(string path) =>
        !path.StartsWith("/api/", StringComparison.Ordinal) && (path.StartsWith("/v2", StringComparison.Ordinal)
            || path.StartsWith("/models", StringComparison.Ordinal) || path is "/ping" or "/health" or "/version");

    private static JsonObject Reference(string schema) =>
        new() { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" } };
}
