using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Modeldrop.Access;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Functions;

public sealed class EventRequestTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_ReadWithTheCursor_AreComplete()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        await DescribeAsync(host, "alpha", 3);
        await DescribeAsync(host, "beta", 2);

        List<string> ids = [];
        string after = "0";
        for (bool more = true; more;)
        {
            JsonElement page = await GetAsync(host, $"/api/events?after={after}&limit=2");
            ids.AddRange(IdsOf(page));
            (after, more) = (page.GetProperty("next").GetString()!, page.GetProperty("more").GetBoolean());
        }

        Assert.Equal(["alpha/1", "alpha/2", "alpha/3", "beta/1", "beta/2"], ids.Order(StringComparer.Ordinal));
        JsonElement beta = await GetAsync(host, "/api/events?model=beta&type=io.modeldrop.model.described.v1");
        Assert.Equal(["beta/1", "beta/2"], IdsOf(beta));
        Assert.Empty(IdsOf(await GetAsync(host, "/api/events?model=beta&type=io.modeldrop.model.archived.v1")));
        Assert.Equal(after, (await GetAsync(host, "/api/events?after=latest")).GetProperty("next").GetString());
        using HttpResponseMessage wrong = await host.Client.GetAsync("/api/events?after=99&limit=0&type=promoted", Token);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(2, (await wrong.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("errors").GetArrayLength());
        using HttpResponseMessage ahead = await host.Client.GetAsync("/api/events?after=99", Token);
        Assert.Contains("not '99'", await ahead.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscriptions_AreCreatedListedResumedAndDeleted()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        using HttpResponseMessage made = await host.Client.PostAsJsonAsync(
            "/api/subscriptions", new { receiver = "https://example.com/hook", models = new[] { "flights" } }, Token);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        string location = made.Headers.Location!.ToString();

        JsonElement list = await GetAsync(host, "/api/subscriptions");
        Assert.Equal("active", list.GetProperty("subscriptions")[0].GetProperty("status").GetString());
        using HttpResponseMessage resumed = await host.Client.PostAsJsonAsync($"{location}/resume", new { after = "0" }, Token);
        Assert.Equal(HttpStatusCode.Accepted, resumed.StatusCode);
        using HttpResponseMessage deleted = await host.Client.DeleteAsync(location, Token);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        using HttpResponseMessage gone = await host.Client.GetAsync(location, Token);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Events_KeyForSomeModels_AreOnlyThoseOfItsModels()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        await DescribeAsync(host, "alpha", 1);
        await DescribeAsync(host, "beta", 1);
        await AppHost.KeysAsync(host);
        host.Client.DefaultRequestHeaders.Add("x-api-key", await AppHost.CreateAsync(host, Role.Approver, "model:beta"));

        Assert.Equal(["beta/1"], IdsOf(await GetAsync(host, "/api/events?model=beta")));
        Assert.Equal(["beta/1"], IdsOf(await GetAsync(host, "/api/events")));
        foreach (string path in (string[])["/api/events?model=alpha", "/api/subscriptions"])
        {
            using HttpResponseMessage refused = await host.Client.GetAsync(path, Token);
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, refused.StatusCode));
        }
    }

    private static async Task DescribeAsync(TestHost host, string model, int count)
    {
        var registry = host.Services.GetRequiredService<RegistryService>();
        for (int number = 0; number < count; number++)
        {
            await registry.DescribeAsync(ModelName.Parse(model), $"{number}", null, Actor.System, Token);
        }
    }

    private static async Task<JsonElement> GetAsync(TestHost host, string path) =>
        await host.Client.GetFromJsonAsync<JsonElement>(path, Token);

    private static IEnumerable<string> IdsOf(JsonElement page) =>
        page.GetProperty("events").EnumerateArray().Select(one => one.GetProperty("id").GetString()!);
}
