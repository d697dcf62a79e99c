using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Microsoft.AspNetCore.WebUtilities;
using Modeldrop.Functions.OpenApi;

namespace Modeldrop.Tests.OpenApi;

/// <summary>
/// Checks every answer of the management routes in a test against the description of the API: the operation declares the status, and the
/// JSON matches the schema without unknown members. On MLflow's routes it also checks the requests that were accepted.
/// </summary>
internal sealed class AnswerCheck() : DelegatingHandler(new SocketsHttpHandler())
{
    private const string Id = "https://modeldrop.test/openapi";

    private static readonly JsonObject Document = JsonNode.Parse(ApiDocument.Json)!.AsObject();

    private static readonly (Regex Path, JsonObject Operations)[] Paths = [.. Document["paths"]!.AsObject()
        .Select(path => (Path: path.Key, Operations: path.Value!.AsObject()))
        .OrderBy(path => path.Path.Count(letter => letter == '{'))
        .Select(path => (new Regex($"^{PatternOf(path.Path)}/?$", RegexOptions.IgnoreCase), path.Operations))];

    private static readonly ConcurrentDictionary<string, JsonSchema> Schemas = new();

    static AnswerCheck() => SchemaRegistry.Global.Register(JsonSchema.FromText(new JsonObject
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["$id"] = Id,
        ["$defs"] = JsonNode.Parse(Strict(Document["components"]!["schemas"]!.DeepClone()).ToJsonString()),
    }.ToJsonString().Replace("#/components/schemas/", $"{Id}#/$defs/", StringComparison.Ordinal)));

    /// <summary>How many answers were checked in this run.</summary>
    public static int Checked => _checked;

    /// <summary>How many requests of MLflow's protocol were checked in this run.</summary>
    public static int CheckedRequests => _checkedRequests;

    private static int _checked;
    private static int _checkedRequests;

    /// <summary>The violation; null: the answer matches, or the route is not described.</summary>
    public static string? FindViolation(string verb, string path, int status, string? contentType, string body)
    {
        if (Find(verb, path) is not { } operation)
        {
            return null;
        }

        if (operation["responses"]![$"{status}"] is not { } response)
        {
            return $"{verb} {path} answers {status}, which its operation does not name.";
        }

        if (response["$ref"]?.GetValue<string>() is { } shared)
        {
            response = Document["components"]!["responses"]![shared.Split('/')[^1]]!;
        }

        if (contentType is null || body.Length == 0 || !contentType.EndsWith("json", StringComparison.Ordinal))
        {
            return null;
        }

        if (response["content"]?[contentType] is not { } media)
        {
            return $"{verb} {path} answers {status} as {contentType}, which its operation does not name.";
        }

        if (media["schema"] is not { } schema)
        {
            return null;
        }

        Interlocked.Increment(ref _checked);
        return FindMisfit(schema, JsonDocument.Parse(body).RootElement) is { } misfit
            ? $"{verb} {path} answers {status} with a body that does not match: {misfit}"
            : null;
    }

    /// <summary>The violation of an accepted call of MLflow's protocol; null: it matches, or it is not one.</summary>
    /// <param name="body">JSON; null: none.</param>
    public static string? FindRequestViolation(string verb, string pathAndQuery, string? body)
    {
        var uri = new Uri(new Uri("http://app"), pathAndQuery);
        if (!IsCall(uri) || Find(verb, uri.AbsolutePath) is not { } operation)
        {
            return null;
        }

        (JsonNode? schema, JsonElement sent) = operation["requestBody"]?["content"]?["application/json"]?["schema"] is { } ofBody
            ? (ofBody, JsonElement.Parse(body is { Length: > 0 } ? body : "{}"))
            : QuerySchema.Of(operation, QueryHelpers.ParseQuery(uri.Query));
        if (schema is null)
        {
            return uri.Query.Length > 0 || body is { Length: > 2 } ? $"{verb} {pathAndQuery} has fields; none are described." : null;
        }

        Interlocked.Increment(ref _checkedRequests);
        return FindMisfit(schema, sent) is { } misfit ? $"{verb} {pathAndQuery} is accepted but does not match: {misfit}" : null;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string? sent = null;
        if (IsCall(request.RequestUri!) && request.Content is not null)
        {
            await request.Content.LoadIntoBufferAsync(cancellationToken);
            sent = await request.Content.ReadAsStringAsync(cancellationToken);
        }

        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode
            && FindRequestViolation(request.Method.Method, request.RequestUri!.PathAndQuery, sent) is { } wrong)
        {
            Assert.Fail(wrong);
        }

        string path = request.RequestUri!.AbsolutePath;
        if (path.StartsWith("/api/", StringComparison.Ordinal) && request.Method != HttpMethod.Head
            && response.Content.Headers.ContentType?.MediaType is { } type && type.EndsWith("json", StringComparison.Ordinal))
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            string body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (FindViolation(request.Method.Method, path, (int)response.StatusCode, type, body) is { } violation)
            {
                Assert.Fail(violation);
            }
        }

        return response;
    }

    /// <summary>Files also go over MLflow's routes, and are not checked.</summary>
    private static bool IsCall(Uri address) =>
        address.AbsolutePath.StartsWith("/api/2.0/mlflow/", StringComparison.Ordinal);

    private static string? FindMisfit(JsonNode schema, JsonElement value)
    {
        EvaluationResults results = Schemas.GetOrAdd(schema.ToJsonString(), SchemaOf)
            .Evaluate(value, new EvaluationOptions { OutputFormat = OutputFormat.List });
        string body = value.GetRawText();
        return results.IsValid
            ? null
            : string.Join("; ", results.Details!.Where(detail => detail.Errors is { Count: > 0 }).Take(10)
                .Select(detail => $"{detail.InstanceLocation} {string.Join(", ", detail.Errors!.Values)} ({detail.EvaluationPath})"))
                + $" in {(body.Length > 2_000 ? body[..2_000] : body)}";
    }

    private static JsonObject? Find(string verb, string path) =>
        Paths.Where(one => one.Path.IsMatch(path))
            .Select(one => one.Operations[verb.ToLowerInvariant()]?.AsObject()).FirstOrDefault(operation => operation is not null);

    private static string PatternOf(string path) => string.Join('/', path.Split('/').Select(part =>
        part == "{path}" ? ".+" : part.StartsWith('{') ? "[^/]+" : Regex.Escape(part)));

    private static JsonSchema SchemaOf(string text) =>
        JsonSchema.FromText(text.Replace("#/components/schemas/", $"{Id}#/$defs/", StringComparison.Ordinal));

    /// <summary>Closes every object with members: a member in an answer that the schema lacks is an error in the schema.</summary>
    private static JsonNode Strict(JsonNode node)
    {
        if (node is JsonObject members)
        {
            if (members.ContainsKey("properties") && !members.ContainsKey("additionalProperties") && !members.ContainsKey("anyOf"))
            {
                members["additionalProperties"] = false;
            }

            foreach ((_, JsonNode? value) in members.ToArray())
            {
                if (value is not null)
                {
                    Strict(value);
                }
            }
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode item in items.OfType<JsonNode>())
            {
                Strict(item);
            }
        }

        return node;
    }
}
