using System.Net;
using System.Text;
using System.Text.Json;
using Modeldrop.Tests.Worker.Protocol;

namespace Modeldrop.Tests.Worker;

/// <summary>Common parts of the tests with the shared worker.</summary>
[Collection(WorkerCollection.Name)]
public abstract class WorkerTests(WorkerFixture fixture)
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected WorkerFixture Fixture { get; } = fixture;

    private protected WorkerHost Worker => Fixture.Worker;

    private protected Task<HttpResponseMessage> GetAsync(string path) =>
        Worker.SendAsync(new HttpRequestMessage(HttpMethod.Get, path), Cancellation);

    private protected Task<HttpResponseMessage> PostAsync(string path, string json)
    {
        var body = new StringContent(json, Encoding.UTF8, "application/json");
        return Worker.SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = body }, Cancellation);
    }

    /// <summary>Checks a problem response and returns its body.</summary>
    private protected static async Task<JsonElement> AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        string body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        JsonElement problem = JsonElement.Parse(body);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        return problem;
    }

    /// <summary>The worker's log entries of a level and above since there were <paramref name="before"/> lines.</summary>
    private protected IEnumerable<string> LogsSince(int before, RpcLog.Types.Level level) =>
        Worker.Logs.Skip(before)
            .Where(log => log.Level >= level)
            .Select(log => $"{log.Level} {log.Category}: {log.Message} {log.Exception?.Message}");
}
