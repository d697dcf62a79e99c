using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Modeldrop.Functions.OpenApi;
using Modeldrop.Tests.Functions;
using Modeldrop.Tests.Infra;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.OpenApi;

public sealed class ApiDocumentTests(AzuriteFixture azurite)
{
    private static readonly JsonObject Document = JsonNode.Parse(ApiDocument.Json)!.AsObject();

    private static IEnumerable<(string Route, JsonObject Operation)> Operations =>
        from path in Document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select ($"{operation.Key.ToUpperInvariant()} {path.Key}", operation.Value!.AsObject());

    [Fact]
    public void Document_Routes_EqualTheTable()
    {
        IEnumerable<string> routes = FunctionTable.Routes.Where(route => !route.StartsWith("HEAD ", StringComparison.Ordinal)).Distinct();

        Assert.Equal(
            routes.Order(StringComparer.Ordinal),
            Operations.Select(one => ApiRoute.ShapeOf(one.Route)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Document_IsOpenApi31()
    {
        ReadResult read = OpenApiDocument.Parse(Document.ToJsonString(), "json");

        Assert.NotNull(read.Diagnostic);
        Assert.Empty(read.Diagnostic.Errors.Concat(read.Diagnostic.Warnings ?? []).Select(error => $"{error.Pointer}: {error.Message}"));
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.Equal(Operations.Count(), read.Document!.Paths.Sum(path => path.Value.Operations!.Count));
    }

    [Fact]
    public void Document_References_HaveTargets()
    {
        string[] dead = [.. Descend(Document).OfType<JsonObject>().Select(one => one["$ref"]?.GetValue<string>()).OfType<string>()
            .Distinct().Where(reference => reference.Split('/').Skip(1).Aggregate(
                (JsonNode?)Document, (node, name) => node?[name]) is null)];

        Assert.Empty(dead);
    }

    [Fact]
    public void Operations_OfManagement_DescribeTheirAnswers()
    {
        string[] silent = [.. ApiRoute.ReadAll().Where(route => route.Path.StartsWith("/api/", StringComparison.Ordinal))
            .Where(route => route.Answers.Count == 0).Select(route => route.Function)];

        Assert.Empty(silent);
        Assert.Equal(Operations.Count(), Operations.Select(one => one.Operation["operationId"]!.GetValue<string>()).Distinct().Count());
        Assert.All(Operations, one => Assert.NotEmpty(one.Operation["description"]!.GetValue<string>()));
    }

    /// <summary>Each example in docs/requests.md belongs to its operation and matches the operation's request schema.</summary>
    [Fact]
    public void Examples_OfTheDocument_AreInTheDescriptionAndValid()
    {
        int written = RepositoryText.Read("docs/requests.md").Split('\n').Count(
            line => line is "```json" or "```jsonl" or "```csv");
        JsonObject[] media = [.. Operations.Select(one => one.Operation["requestBody"]?["content"]?.AsObject()).OfType<JsonObject>()
            .SelectMany(content => content.Select(type => type.Value!.AsObject()))];

        Assert.Equal(written, media.Sum(one => one["examples"]?.AsObject().Count ?? 0));
    }

    [Fact]
    public async Task Get_Description_NeedsNoKeyAndRespectsTheETag()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        await AppHost.KeysAsync(host);

        using HttpResponseMessage first = await host.Client.GetAsync("/api/openapi.json", TestContext.Current.CancellationToken);
        Assert.Equal("application/json", first.Content.Headers.ContentType!.MediaType);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/openapi.json");
        again.Headers.IfNoneMatch.Add(new EntityTagHeaderValue(first.Headers.ETag!.Tag));
        using HttpResponseMessage second = await host.Client.SendAsync(again, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Theory]
    [InlineData("""{"models":[],"page":1,"pageSize":50,"total":0}""", 200, true)]
    [InlineData("""{"models":[],"page":1,"pageSize":50,"total":0,"more":true}""", 200, false)]
    [InlineData("""{"models":[],"page":"1","pageSize":50,"total":0}""", 200, false)]
    [InlineData("""{"models":[],"page":1,"pageSize":50,"total":0}""", 201, false)]
    public void AnswerCheck_InvalidAnswer_IsAViolation(string body, int status, bool fits) => Assert.Equal(
        fits, AnswerCheck.FindViolation("GET", "/api/models", status, "application/json", body) is null);

    [Theory]
    [InlineData("GET", "experiments/get", """{"experiment":{"experiment_id":"0"}}""", 200, false)]
    [InlineData("POST", "experiments/create", """{"experiment_id":"7"}""", 200, true)]
    [InlineData("POST", "experiments/create", """{"experimentId":"7"}""", 200, false)]
    [InlineData("POST", "experiments/create", """{"error_code":"INVALID_PARAMETER_VALUE","message":"x"}""", 400, true)]
    [InlineData("POST", "experiments/create", """{"message":"x"}""", 400, false)]
    public void AnswerCheck_InvalidAnswerOfMlflowsRoutes_IsAViolation(
        string verb, string call, string body, int status, bool fits) => Assert.Equal(
        fits, AnswerCheck.FindViolation(verb, $"/api/2.0/mlflow/{call}", status, "application/json", body) is null);

    private static IEnumerable<JsonNode> Descend(JsonNode node) => node switch
    {
        JsonObject members => members.Select(member => member.Value).OfType<JsonNode>().SelectMany(Descend).Prepend(node),
        JsonArray items => items.OfType<JsonNode>().SelectMany(Descend).Prepend(node),
        _ => [node],
    };
}
