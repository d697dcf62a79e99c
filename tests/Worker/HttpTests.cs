using System.Net;
using System.Text.Json;
using Modeldrop.Tests.Worker.Protocol;

namespace Modeldrop.Tests.Worker;

/// <summary>Requests through the worker's own web server, as the host forwards them.</summary>
public sealed class HttpTests(WorkerFixture fixture) : WorkerTests(fixture)
{
    [Theory]
    [InlineData("/", "text/html", "<html")]
    [InlineData("/v2", "application/json", "\"name\":\"modeldrop\"")]
    [InlineData("/v2/health/live", "application/json", "\"live\":true")]
    [InlineData("/api/models", "application/json", "\"models\":[]")]
    public async Task Get_Route_AnswersWithoutALogEntry(string path, string contentType, string part)
    {
        int before = Worker.Logs.Count;

        using HttpResponseMessage response = await GetAsync(path);

        string body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal((HttpStatusCode.OK, contentType), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Contains(part, body, StringComparison.Ordinal);
        Assert.Empty(LogsSince(before, RpcLog.Types.Level.Information));
    }

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/v2/health/live", HttpStatusCode.OK)]
    [InlineData("/ping", HttpStatusCode.OK)]
    [InlineData("/health", HttpStatusCode.OK)]
    [InlineData("/models/nobody/version", HttpStatusCode.OK)]
    [InlineData("/models/nobody/ping", HttpStatusCode.NotFound)]
    [InlineData("/models/nobody/health", HttpStatusCode.NotFound)]
    [InlineData("/api/models/nobody", HttpStatusCode.NotFound)]
    public async Task Head_Route_EqualsGetWithoutABody(string path, HttpStatusCode expected)
    {
        using HttpResponseMessage get = await GetAsync(path);
        using HttpResponseMessage head = await Worker.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Cancellation);

        Assert.Equal((expected, expected), (get.StatusCode, head.StatusCode));
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.NotEmpty(await get.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task Get_UnknownModel_IsAProblemBelowApi()
    {
        using HttpResponseMessage response = await GetAsync("/api/models/nobody");

        JsonElement problem = await AssertProblemAsync(response, HttpStatusCode.NotFound, "modelNotFound");
        Assert.Contains("nobody", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("/api/models/nobody", problem.GetProperty("instance").GetString());
    }

    [Fact]
    public async Task Get_UnknownModel_IsAnErrorOfTheProtocolBelowV2()
    {
        using HttpResponseMessage response = await GetAsync("/v2/models/nobody");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("nobody", await ReadErrorAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_MalformedBody_IsAProblemBelowApi()
    {
        using HttpResponseMessage response = await PostAsync("/api/operations/any/approve", "{");

        JsonElement problem = await AssertProblemAsync(response, HttpStatusCode.BadRequest, "invalidRequest");
        Assert.Contains("not valid JSON", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_MalformedBody_IsAnErrorOfTheProtocolBelowV2()
    {
        using HttpResponseMessage response = await PostAsync("/v2/repository/index", "{");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotEmpty(await ReadErrorAsync(response));
    }

    [Fact]
    public async Task Get_UnexpectedException_IsAProblemWithTheTraceIdOfTheLog()
    {
        int before = Worker.Logs.Count;
        Worker.Durable.BeforeAnswer = _ => throw new InvalidOperationException("The task hub is in pieces.");
        try
        {
            using HttpResponseMessage response = await GetAsync("/api/operations/flights~register~1");

            JsonElement problem = await AssertProblemAsync(response, HttpStatusCode.InternalServerError, "internal");
            Assert.DoesNotContain("Exception", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            string log = Assert.Single(LogsSince(before, RpcLog.Types.Level.Warning));
            Assert.Contains($"trace {problem.GetProperty("traceId").GetString()}", log, StringComparison.Ordinal);
            Assert.Contains("Exception was thrown by handler", log, StringComparison.Ordinal);
        }
        finally
        {
            Worker.Durable.BeforeAnswer = _ => Task.CompletedTask;
        }
    }

    private static async Task<string> ReadErrorAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation)).GetProperty("error").GetString()!;
}
