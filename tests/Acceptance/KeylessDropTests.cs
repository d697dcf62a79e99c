using System.Text.Json;
using System.Text.Json.Nodes;
using Modeldrop.Tests.Signing;
using Modeldrop.Tests.Signing.Sigstore;

namespace Modeldrop.Tests.Acceptance;

/// <summary>Keyless signatures of a private instance of Sigstore, from the drop to the page of the version.</summary>
public sealed class KeylessDropTests : AcceptanceTest
{
    private const string Ann = "ann@example.com";

    private static readonly byte[] Model = File.ReadAllBytes(RepositoryFiles.Sample("penguins", "1", "model.onnx"));

    private int _refused;

    [Fact]
    public async Task Drop_WithAKeylessSignature_IsTakenFromTheTrustedIdentityAlone()
    {
        using var sigstore = new KeylessKit();
        using var other = new KeylessKit();
        await StartAppAsync(
            ("Signing__Policy", "trusted"), ("Signing__SigstoreRoot", sigstore.Root),
            ("Signing__TrustedIdentities", $"{Ann}|{KeylessKit.Provider}"));

        await DropAsync("signed", sigstore.Sign(Ann, ("model.onnx", Model)));
        await Client.WaitForChampionAsync("signed", 1);

        JsonElement version = (await Client.WaitAsync("api/models/signed/versions/1", _ => true)).GetProperty("version");
        JsonElement finding = Assert.Single(version.GetProperty("signatures").EnumerateArray());
        Assert.Equal(("trusted", "keyless", Ann, KeylessKit.Provider), (
            finding.GetProperty("verdict").GetString(), finding.GetProperty("mode").GetString(),
            finding.GetProperty("identity").GetString(), finding.GetProperty("issuer").GetString()));
        JsonElement report = await Client.WaitAsync("api/models/signed/versions/1/report", _ => true);
        Assert.Contains("signed.model.sig", report.GetRawText(), StringComparison.Ordinal);
        string page = await Client.ReadPageAsync("console/models/signed/versions/1");
        Assert.Contains(Ann, page, StringComparison.Ordinal);
        Assert.Contains(KeylessKit.Provider, page, StringComparison.Ordinal);

        await RefusedAsync(
            "this identity with this issuer is not trusted", sigstore.Sign("eve@example.com", ("model.onnx", Model)));
        await RefusedAsync("its transparency log is not in the trust root", other.Sign(Ann, ("model.onnx", Model)));
        byte[] changed = [.. Model];
        changed[^1] ^= 1;
        await RefusedAsync("'model.onnx' differs from the signed file", sigstore.Sign(Ann, ("model.onnx", changed)));
        JsonObject flipped = sigstore.Sign(Ann, ("model.onnx", Model));
        Flip(flipped["dsseEnvelope"]!, "payload");
        await RefusedAsync("it was not made with the key of its certificate", flipped);
        Flip(flipped["dsseEnvelope"]!, "payload");
        Flip(flipped["verificationMaterial"]!["tlogEntries"]![0]!["inclusionProof"]!, "rootHash");
        await RefusedAsync("does not lead from its entry to the root", flipped);
        JsonElement models = await Client.WaitAsync("api/models", _ => true);
        Assert.Equal(1, models.GetProperty("total").GetInt32());
    }

    private async Task RefusedAsync(string reason, JsonObject signature)
    {
        string model = $"refused-{++_refused}";
        await DropAsync(model, signature);
        JsonNode rejected = JsonNode.Parse(await Client.WaitForDropBlobAsync($"{model}/in/rejected.json"))!;
        Assert.Contains(
            rejected["reasons"]!.AsArray(), one => one!.GetValue<string>().Contains(reason, StringComparison.Ordinal));
    }

    private async Task DropAsync(string model, JsonObject signature)
    {
        await Client.PutAsync($"{model}/in/model.sig", SignatureKit.Bytes(signature));
        await Client.PutAsync($"{model}/in/model.onnx", Model);
    }

    private static void Flip(JsonNode owner, string name)
    {
        byte[] bytes = Convert.FromBase64String(owner[name]!.GetValue<string>());
        bytes[^1] ^= 1;
        owner[name] = Convert.ToBase64String(bytes);
    }
}
