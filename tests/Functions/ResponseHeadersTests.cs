using System.Net;
using Modeldrop.Functions;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Functions;

/// <summary>What a browser is told of pages, reports and downloads.</summary>
public sealed class ResponseHeadersTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_OfManagement_RunNoScriptAndStayInNoFrameOrCache()
    {
        await using TestHost host = await StartAsync();
        foreach ((string path, HttpStatusCode status) in ((string, HttpStatusCode)[])
            [("/", HttpStatusCode.OK), ("/?model=nobody", HttpStatusCode.NotFound), ("/api/models", HttpStatusCode.OK),
                ("/api/models/nobody", HttpStatusCode.NotFound), ("/metrics", HttpStatusCode.OK)])
        {
            using HttpResponseMessage response = await host.Client.GetAsync(path, Cancellation);

            Assert.Equal(status, response.StatusCode);
            Assert.Equal(
                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
                Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
            Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
            Assert.True(response.Headers.CacheControl!.NoStore);
        }
    }

    [Fact]
    public async Task Answers_OfScoring_CarryNothingForBrowsers()
    {
        await using TestHost host = await StartAsync();

        using HttpResponseMessage response = await host.Client.GetAsync("/v2", Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Content-Security-Policy"));
    }

    private Task<TestHost> StartAsync()
    {
        Dictionary<string, string?> settings = TestHost.Storage(azurite);
        string unique = Guid.NewGuid().ToString("N")[..8];
        settings["Roles"] = "scoring,management";
        settings["Storage:TablePrefix"] = $"P{unique}";
        settings["Storage:ContainerPrefix"] = $"p{unique}-";
        return TestHost.StartAsync(typeof(ModeldropApp).Assembly.GetTypes(), settings, configure: builder =>
        {
            builder.UseModeldrop();
            builder.Services.AddModeldrop(builder.Configuration);
        });
    }
}
