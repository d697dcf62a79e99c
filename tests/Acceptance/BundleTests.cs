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
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        AppProcess prod = await StartAppAsync(
            ("Exchange__Installation", "prod"), ("Storage__TablePrefix", "Prod"), ("Storage__ContainerPrefix", "prod-"),
            ("Signing__Policy", "trusted"), ("Signing__TrustedKeys", key.ExportSubjectPublicKeyInfoPem()));
        AppProcess dev = await StartAppAsync(
            ("Exchange__Installation", "dev"), ("Exchange__Targets", $"prod={prod.Http.BaseAddress}"),
            ("Signing__Key", key.ExportPkcs8PrivateKeyPem()));
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
            copy.GetProperty("origin").GetProperty("installation").GetString(),
            copy.GetProperty("origin").GetProperty("version").GetInt32()));
        Assert.Equal(await MetricsAsync(here, 2), await MetricsAsync(there, 1));

        byte[] back = await prod.Http.GetByteArrayAsync("api/models/flights/versions/1/bundle?data=true", Token);
        JsonElement unchanged = await EndAsync(here, await PostAsync(here, back, "back"));
        Assert.Equal(("unchanged", 2), (
            unchanged.GetProperty("outcome").GetString(), unchanged.GetProperty("version").GetInt32()));

        await AssertPushedAsync(here, there);

        byte[] flipped = [.. bundle];
        flipped[bundle.Length / 2] ^= 1;
        await there.PutAsync("flights/broken/it.bundle.zip", flipped);
        string rejection = await there.WaitForDropBlobAsync("flights/broken/rejected.json");
        Assert.Contains("SHA-256", rejection, StringComparison.Ordinal);
        (int status, JsonElement problem) = await there.UploadAsync("api/bundles", bundle);
        Assert.Equal(400, status);
        Assert.Contains("is missing: POST", problem.GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>Pushes from one installation to the other, where the other one's gates and policy apply.</summary>
    private static async Task AssertPushedAsync(AppClient here, AppClient there)
    {
        (int status, JsonElement answer) = await here.SendAsync(
            HttpMethod.Post, "api/models/flights/versions/champion/push", """{ "target": "prod", "data": true, "as": "pushed" }""");
        Assert.Equal(202, status);
        JsonElement end = await EndAsync(here, answer.GetProperty("operation").GetString()!);
        Assert.True(end.GetProperty("outcome").GetString() == "done", end.GetRawText());
        Assert.Contains("version 1 of 'pushed' at 'prod'", end.GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
        JsonElement pushed = (await there.WaitAsync("api/models/pushed/versions/1", _ => true)).GetProperty("version");
        JsonElement signature = pushed.GetProperty("signatures")[0];
        Assert.Equal(("bundle.sig", "trusted"), (
            signature.GetProperty("file").GetString(), signature.GetProperty("verdict").GetString()));
        string page = await there.ReadPageAsync("console/models/pushed/versions/1");
        Assert.All(
            (string[])["signed with the trusted key", "dev: flights, version", "/api/models/pushed/versions/1/bundle?data=true"],
            text => Assert.Contains(text, page, StringComparison.Ordinal));
        JsonElement bom = await there.WaitAsync("api/models/pushed/versions/1/bom", _ => true);
        Assert.Equal("CycloneDX", bom.GetProperty("bomFormat").GetString());

        (int refused, JsonElement problem) = await here.SendAsync(
            HttpMethod.Post, "api/models/flights/versions/1/push", """{ "target": "https://elsewhere.example.com" }""");
        Assert.Equal(400, refused);
        Assert.Contains("It names 'prod'.", problem.GetRawText(), StringComparison.Ordinal);
        await there.DropSampleAsync("unsigned", "penguins", "1");
        Assert.Contains("There is no signature", await there.WaitForDropBlobAsync("unsigned/rejected.json"), StringComparison.Ordinal);
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
