using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Modeldrop.Tests.Acceptance;

/// <summary>A version goes from one installation to another and back.</summary>
public sealed class BundleTests : AcceptanceTest
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bundle_ToAnotherInstallationAndBack_KeepsModelAndFigures()
    {
        AppProcess dev = await StartAppAsync(("Exchange__Installation", "dev"));
        AppProcess prod = await StartAppAsync(
            ("Exchange__Installation", "prod"), ("Storage__TablePrefix", "Prod"), ("Storage__ContainerPrefix", "prod-"));
        var here = new AppClient(ConnectionString, () => dev.Http);
        var there = new AppClient(ConnectionString, () => prod.Http, "prod-drop");
        byte[] manifest = Encoding.UTF8.GetBytes("""{ "label": "late", "task": "classification" }""");
        await here.DropSampleAsync("flights/a", "flights", "1", manifest);
        await here.WaitForChampionAsync("flights", version: 1);
        await here.DropSampleAsync("flights/b", "flights", "2", manifest);
        await here.WaitAsync("api/models/flights/versions/2", answer => Status(answer) is not ("registered" or "validating"));

        byte[] bundle = await dev.Http.GetByteArrayAsync("api/models/flights/versions/2/bundle?data=true", Token);
        byte[] again = await dev.Http.GetByteArrayAsync("api/models/flights/versions/2/bundle?data=true", Token);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(bundle)), Convert.ToHexString(SHA256.HashData(again)));

        string operation = await PostAsync(there, bundle, "first");
        JsonElement end = await EndAsync(there, operation);
        Assert.Equal(("done", 1), (end.GetProperty("outcome").GetString(), end.GetProperty("version").GetInt32()));
        Assert.Equal(operation, await PostAsync(there, bundle, "first"));
        JsonElement original = await VersionAsync(here, 2);
        JsonElement copy = await VersionAsync(there, 1);
        Assert.Equal(original.GetProperty("digest").GetString(), copy.GetProperty("digest").GetString());
        Assert.Equal(("dev", 2), (
            copy.GetProperty("origin").GetProperty("installation").GetString(), copy.GetProperty("origin").GetProperty("version").GetInt32()));
        Assert.Equal(await MetricsAsync(here, 2), await MetricsAsync(there, 1));

        byte[] back = await prod.Http.GetByteArrayAsync("api/models/flights/versions/1/bundle?data=true", Token);
        JsonElement unchanged = await EndAsync(here, await PostAsync(here, back, "back"));
        Assert.Equal(("unchanged", 2), (
            unchanged.GetProperty("outcome").GetString(), unchanged.GetProperty("version").GetInt32()));

        byte[] flipped = [.. bundle];
        flipped[bundle.Length / 2] ^= 1;
        await there.PutAsync("flights/broken/it.bundle.zip", flipped);
        string rejection = await there.WaitForDropBlobAsync("flights/broken/rejected.json");
        Assert.Contains("SHA-256", rejection, StringComparison.Ordinal);
        (int status, JsonElement problem) = await there.UploadAsync("api/bundles", bundle);
        Assert.Equal(400, status);
        Assert.Contains("model is missing", problem.GetRawText(), StringComparison.Ordinal);
    }

    private static async Task<string> PostAsync(AppClient client, byte[] bundle, string key)
    {
        var body = new ByteArrayContent(bundle) { Headers = { ContentType = new MediaTypeHeaderValue("application/zip") } };
        (int status, JsonElement answer) = await client.SendAsync(
            HttpMethod.Post, "api/bundles?model=flights", body, ("Idempotency-Key", key));
        Assert.Equal(202, status);
        return answer.GetProperty("operation").GetString()!;
    }

    private static Task<JsonElement> EndAsync(AppClient client, string operation) =>
        client.WaitAsync($"api/operations/{operation}", answer => answer.GetProperty("status").GetString() == "completed");

    private static async Task<JsonElement> VersionAsync(AppClient client, int version) =>
        (await client.WaitAsync($"api/models/flights/versions/{version}", _ => true)).GetProperty("version");

    private static async Task<string> MetricsAsync(AppClient client, int version) =>
        (await client.WaitAsync($"api/models/flights/versions/{version}/report", _ => true))
            .GetProperty("metrics").GetProperty("values").GetRawText();

    private static string Status(JsonElement answer) => answer.GetProperty("status").GetString()!;
}
