using System.Net;
using Microsoft.Extensions.Configuration;
using Modeldrop.Functions;
using Modeldrop.Standalone.Hosting;

namespace Modeldrop.Tests.Standalone;

/// <summary>The roles of a process, and the routes that it opens.</summary>
public sealed class HostRolesTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData(null, "All")]
    [InlineData("", "All")]
    [InlineData("all", "All")]
    [InlineData("scoring", "Scoring")]
    [InlineData(" Scoring , timers", "Scoring, Timers")]
    public void Read_Setting_ReturnsTheRoles(string? setting, string roles) =>
        Assert.Equal(Enum.Parse<HostRoles>(roles), HostRolesSetting.Read(Settings(("Roles", setting))));

    [Fact]
    public void Read_UnknownRole_FailsToStart()
    {
        StartFailure failure = Assert.Throws<StartFailure>(() => HostRolesSetting.Read(Settings(("Roles", "scoring,juggling"))));

        Assert.Contains("'juggling'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("scoring, management, operations and timers", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scoring", "/v2", HttpStatusCode.OK)]
    [InlineData("scoring", "/v2/health/live", HttpStatusCode.OK)]
    [InlineData("scoring", "/api/openapi", HttpStatusCode.NotFound)]
    [InlineData("scoring", "/api/models", HttpStatusCode.NotFound)]
    [InlineData("management", "/v2", HttpStatusCode.NotFound)]
    [InlineData("management", "/v2/health/live", HttpStatusCode.OK)]
    [InlineData("operations", "/metrics", HttpStatusCode.OK)]
    [InlineData("operations", "/api/models", HttpStatusCode.NotFound)]
    public async Task Routes_OfARole_AreOnlyThoseOfItsRooms(string roles, string path, HttpStatusCode expected)
    {
        Dictionary<string, string?> settings = TestHost.Storage(azurite);
        string unique = Guid.NewGuid().ToString("N")[..8];
        settings["Roles"] = roles;
        settings["Storage:TablePrefix"] = $"R{unique}";
        settings["Storage:ContainerPrefix"] = $"r{unique}-";
        settings["Durable:HubName"] = $"R{unique}";
        await using TestHost host = await TestHost.StartAsync(typeof(ModeldropApp).Assembly.GetTypes(), settings, configure: builder =>
        {
            builder.UseModeldrop();
            builder.Services.AddModeldrop(builder.Configuration);
        });

        using HttpResponseMessage response = await host.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("http://127.0.0.1:7071", true)]
    [InlineData("http://localhost:7071;http://[::1]:7072", true)]
    [InlineData("http://0.0.0.0:8080", false)]
    [InlineData("http://+:8080", false)]
    [InlineData("http://*:8080", false)]
    [InlineData("http://127.0.0.1:7071;http://192.168.1.4:8080", false)]
    [InlineData("nonsense", false)]
    public void IsLoopbackOnly_Addresses_NeedsAllToBeLoopback(string urls, bool only) =>
        Assert.Equal(only, HostExposure.IsLoopbackOnly(urls));

    private static IConfigurationRoot Settings(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, pair.Value))).Build();
}
