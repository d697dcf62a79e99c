using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Modeldrop.Access;
using Modeldrop.Functions;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Functions;

/// <summary>The whole app in this process, on separate tables and containers; it runs no operations.</summary>
internal static class AppHost
{
    public static Task<TestHost> StartAsync(
        AzuriteFixture azurite, string? unique = null, AccessHost? access = null, params (string Name, string? Value)[] settings)
    {
        Dictionary<string, string?> all = TestHost.Storage(azurite);
        unique ??= Guid.NewGuid().ToString("N")[..8];
        all["Roles"] = "scoring,management";
        all["Storage:TablePrefix"] = $"P{unique}";
        all["Storage:ContainerPrefix"] = $"p{unique}-";
        all["Durable:HubName"] = $"P{unique}";
        foreach ((string name, string? value) in settings)
        {
            all[name] = value;
        }

        return TestHost.StartAsync(typeof(ModeldropApp).Assembly.GetTypes(), all, configure: builder =>
        {
            if (access is not null)
            {
                builder.Services.AddSingleton(access);
            }

            builder.UseModeldrop();
            builder.Services.AddModeldrop(builder.Configuration);
        });
    }

    /// <summary>Creates a key for each role; from then on the installation requires keys.</summary>
    public static async Task<Dictionary<Role, string>> KeysAsync(TestHost host)
    {
        var service = host.Services.GetRequiredService<KeyService>();
        Dictionary<Role, string> keys = [];
        foreach (Role role in Enum.GetValues<Role>().OrderByDescending(role => role))
        {
            keys[role] = await CreateAsync(host, role);
        }

        return keys;
    }

    public static async Task<string> CreateAsync(TestHost host, Role role, params string[] scope) =>
        (await host.Services.GetRequiredService<KeyService>().CreateAsync(
            new NewKey($"the {role}", role.ToString(), scope, ExpiresAt: null), "test", TestContext.Current.CancellationToken)).Text;

    /// <param name="way"><c>x-functions-key</c>, <c>x-api-key</c>, <c>bearer</c> or <c>basic</c>; any other: none.</param>
    public static void Authorize(HttpRequestMessage request, string way, string key)
    {
        switch (way)
        {
            case "bearer":
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
                break;
            case "basic":
                request.Headers.Authorization = new AuthenticationHeaderValue(
                    "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{key}")));
                break;
            case "x-functions-key" or "x-api-key":
                request.Headers.Add(way, key);
                break;
            default:
                break;
        }
    }
}
