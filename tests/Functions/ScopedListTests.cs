using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Modeldrop.Access;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Functions;

/// <summary>The lists of all models, as a key for some models sees them.</summary>
public sealed class ScopedListTests(AzuriteFixture azurite)
{
    private const string Mine = "flights";
    private const string Other = "penguins";

    private string Owner { get; set; } = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("model:flights")]
    [InlineData("tag:team=ops")]
    public async Task Lists_KeyForSomeModels_ShowOnlyThese(string scope)
    {
        await using TestHost host = await StartAsync();
        string viewer = await AppHost.CreateAsync(host, Role.Viewer, scope);
        // The router reads the registry with a delay.
        await Poll.UntilAsync(
            async () => (await ReadAsync(host, "POST /v2/repository/index", Owner)).Contains(Other, StringComparison.Ordinal), Other);
        foreach (string path in (string[])[
            "GET /api/models", "GET /api/audit", "GET /api/events", "GET /", "GET /console/audit", "POST /v2/repository/index"])
        {
            string all = await ReadAsync(host, path, Owner);
            Assert.Contains(Mine, all, StringComparison.Ordinal);
            Assert.Contains(Other, all, StringComparison.Ordinal);

            string some = await ReadAsync(host, path, viewer);
            Assert.True(some.Contains(Mine, StringComparison.Ordinal), $"{path} hides what the key is for.");
            Assert.False(some.Contains(Other, StringComparison.Ordinal), $"{path} shows what the key is not for.");
        }
    }

    [Fact]
    public async Task Drop_KeyForSomeModels_OffersOnlyThese()
    {
        await using TestHost host = await StartAsync();
        string publisher = await AppHost.CreateAsync(host, Role.Publisher, "model:flights");

        string page = await ReadAsync(host, "GET /console/drop", publisher);

        Assert.Contains(Mine, page, StringComparison.Ordinal);
        Assert.DoesNotContain(Other, page, StringComparison.Ordinal);
    }

    private async Task<TestHost> StartAsync()
    {
        TestHost host = await AppHost.StartAsync(azurite);
        Owner = await AppHost.CreateAsync(host, Role.Owner);
        var registry = host.Services.GetRequiredService<RegistryStore>();
        foreach (string model in (string[])[Mine, Other])
        {
            Dictionary<string, string> tags = new() { ["team"] = model == Mine ? "ops" : "zoo" };
            await registry.AppendAsync(
                ModelName.Parse(model),
                _ => [
                    new VersionRegistered(1, "a", "a") { Actor = Actor.System },
                    new ModelDescribed(null, tags) { Actor = Actor.System },
                ],
                Cancellation);
        }

        return host;
    }

    private static async Task<string> ReadAsync(TestHost host, string route, string key)
    {
        using HttpResponseMessage response = await SendAsync(host, route, key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    private static async Task<HttpResponseMessage> SendAsync(TestHost host, string route, string key)
    {
        string[] parts = route.Split(' ');
        using var request = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]);
        if (parts[0] == "POST")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        AppHost.Authorize(request, "bearer", key);
        return await host.Client.SendAsync(request, Cancellation);
    }
}
