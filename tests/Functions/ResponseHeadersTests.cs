using System.Net;
using Modeldrop.Functions;
using Modeldrop.Pages;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Functions;

/// <summary>Response headers of pages, reports and downloads.</summary>
public sealed class ResponseHeadersTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_OfManagement_ForbidScriptsFramesAndCaches()
    {
        await using TestHost host = await StartAsync();
        foreach ((string path, HttpStatusCode status) in ((string, HttpStatusCode)[])
            [("/api/models", HttpStatusCode.OK), ("/api/models/nobody", HttpStatusCode.NotFound), ("/metrics", HttpStatusCode.OK)])
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
    public async Task Answers_OfTheConsole_LoadOnlyFromThisAppAndForbidFramesAndCaches()
    {
        await using TestHost host = await StartAsync();
        foreach ((string path, HttpStatusCode status) in ((string, HttpStatusCode)[])
            [("/", HttpStatusCode.OK), ("/?page=x", HttpStatusCode.BadRequest), ("/console/models/nobody", HttpStatusCode.NotFound),
                ("/sign-in/entra", HttpStatusCode.BadRequest)])
        {
            using HttpResponseMessage response = await host.Client.GetAsync(path, Cancellation);

            Assert.Equal(status, response.StatusCode);
            Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
            Assert.Equal(
                "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src 'self'; "
                    + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
                Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
            Assert.True(response.Headers.CacheControl!.NoStore);
        }
    }

    [Fact]
    public async Task Assets_WithTheirHash_AreCachedForEver()
    {
        await using TestHost host = await StartAsync();

        using HttpResponseMessage kept = await host.Client.GetAsync(PageAssets.AddressOf("console.css"), Cancellation);
        using HttpResponseMessage asked = await host.Client.GetAsync("/assets/console.css", Cancellation);
        using HttpResponseMessage none = await host.Client.GetAsync("/assets/nothing.js", Cancellation);

        Assert.Equal("public, max-age=31536000, immutable", kept.Headers.CacheControl!.ToString());
        Assert.True(asked.Headers.CacheControl!.NoCache);
        Assert.Equal(kept.Headers.ETag, asked.Headers.ETag);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Equal("text/css", kept.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Answers_OfScoring_HaveNoContentPolicy()
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
