using System.Text.RegularExpressions;
using Modeldrop.Access;
using Modeldrop.Functions.Access;
using Modeldrop.Tests.Infra;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Functions;

/// <summary>Every route, with every role and every way to send a key: who is allowed and who is not.</summary>
public sealed partial class AccessTableTests(AzuriteFixture azurite)
{
    private static readonly string[] Ways = ["x-functions-key", "x-api-key", "bearer", "basic"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Table_Rows_AreTheHttpFunctions() =>
        Assert.Equal(
            FunctionTable.HttpFunctions.Select(function => function.Name).Distinct().Order(StringComparer.Ordinal),
            RoutePermissions.Functions.Order(StringComparer.Ordinal));

    [Fact]
    public async Task EveryRoute_EveryRole_EveryWay_IsDecidedByTheTable()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        Dictionary<Role, string> keys = await AppHost.KeysAsync(host);
        List<string> wrong = [];
        int requests = 0;
        foreach ((string function, string method, string route) in FunctionTable.HttpFunctions)
        {
            Permissions needed = RoutePermissions.Find(function)!.Value;
            string path = $"/{Parameter().Replace(route.Replace("{ignored:maxlength(0)?}", "", StringComparison.Ordinal), ValueOf)}";
            foreach (string way in (string[])["none", "query", .. Ways])
            {
                foreach ((Role role, string key) in keys)
                {
                    bool isSent = Ways.Contains(way);
                    int expected = needed == Permissions.None ? 0 : !isSent ? 401 : (RoleTable.Of(role) & needed) != 0 ? 0 : 403;
                    int status = await SendAsync(host, method, path, way, key);
                    requests++;
                    if (expected == 0 ? status is 401 or 403 or 429 or 302 : status != expected)
                    {
                        wrong.Add($"{method} {path} {role} {way}: {status}, expected {expected}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
        Assert.InRange(requests, 2_000, 10_000);
    }

    private static async Task<int> SendAsync(TestHost host, string method, string path, string way, string key)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(method), way == "query" ? $"{path}?code={key}&api-key={key}&x-functions-key={key}" : path);
        AppHost.Authorize(request, way, key);
        using HttpResponseMessage response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        return (int)response.StatusCode;
    }

    private static string ValueOf(Match parameter) => parameter.Value.Contains(":int", StringComparison.Ordinal) ? "1" : "nobody";

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
