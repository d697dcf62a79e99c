using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Modeldrop.Standalone.Hosting;

namespace Modeldrop.Tests.Standalone;

/// <summary>Which pages of other origins may call the app, by a browser's preflight request.</summary>
public sealed class HostCorsTests
{
    private const string Origin = "https://app.example.com";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, Origin, null)]
    [InlineData("https://app.example.com, http://localhost:3000", Origin, Origin)]
    [InlineData("https://app.example.com, http://localhost:3000", "http://localhost:3000", "http://localhost:3000")]
    [InlineData(Origin, "https://evil.example", null)]
    [InlineData(Origin, "http://app.example.com", null)]
    public async Task Request_OfAnotherOrigin_IsAllowedOnlyIfTheSettingNamesIt(string? setting, string origin, string? allowed)
    {
        await using TestHost host = await StartAsync(setting);
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/scores")
        {
            Headers =
            {
                { "Origin", origin }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "x-functions-key" },
            },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/scores") { Headers = { { "Origin", origin } } };

        using HttpResponseMessage asked = await host.Client.SendAsync(preflight, Cancellation);
        using HttpResponseMessage answered = await host.Client.SendAsync(request, Cancellation);

        Assert.Equal((allowed, allowed), (Find(asked, "Access-Control-Allow-Origin"), Find(answered, "Access-Control-Allow-Origin")));
        Assert.Equal(allowed is null ? null : "x-functions-key", Find(asked, "Access-Control-Allow-Headers"));
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("app.example.com")]
    [InlineData("https://app.example.com/page")]
    public async Task Start_SettingWithoutAnOrigin_FailsToStart(string setting)
    {
        StartFailure failure = await Assert.ThrowsAsync<StartFailure>(() => StartAsync(setting));

        Assert.Contains($"'{setting}' in Host__CorsOrigins is not an origin", failure.Message, StringComparison.Ordinal);
    }

    private static Task<TestHost> StartAsync(string? origins) =>
        TestHost.StartAsync([typeof(Scores)], new Dictionary<string, string?> { ["Host:CorsOrigins"] = origins });

    private static string? Find(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out IEnumerable<string>? values) ? string.Join(",", values) : null;

    public sealed class Scores
    {
        [Function("scores")]
        public static IResult Score([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "scores")] HttpRequest request) =>
            Microsoft.AspNetCore.Http.Results.Text("1");
    }
}
