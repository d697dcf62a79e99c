using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Signing;
using Modeldrop.Tests.Exchange.Bundles;

namespace Modeldrop.Tests.Signing;

/// <summary>Signing with a key that stays in a key vault.</summary>
public sealed class VaultKeyTests(AzuriteFixture azurite) : IDisposable
{
    private readonly FakeVault _vault = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nistP256", "ES256", 32)]
    [InlineData("nistP384", "ES384", 48)]
    [InlineData("nistP521", "ES512", 64)]
    public async Task SignAsync_KeyInAVault_SignsAHashThere(string curve, string algorithm, int hashBytes)
    {
        _vault.Key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));

        byte[] signature = await SignAsync(_vault.Signer(_clock));

        SignatureFinding finding = Verify(signature, new SignatureTrust([_vault.Key.ExportSubjectPublicKeyInfoPem()], [], []));
        Assert.Equal((SignatureVerdict.Trusted, "key"), (finding.Verdict, finding.Mode));
        Assert.Equal(2, _vault.Requests.Count);
        Assert.Equal($"GET {FakeVault.Address}?api-version=7.4", _vault.Requests[0]);
        Assert.StartsWith($"POST {FakeVault.Address}/v1/sign?api-version=7.4 ", _vault.Requests[1], StringComparison.Ordinal);
        JsonElement body = JsonElement.Parse(_vault.Requests[1].Split(' ', 3)[2]);
        Assert.Equal(algorithm, body.GetProperty("alg").GetString());
        Assert.Equal(hashBytes, Base64Url.DecodeFromChars(body.GetProperty("value").GetString()).Length);
    }

    [Fact]
    public async Task SignAsync_WithItsCertificates_IsTrustedByTheRoot()
    {
        using var certificates = new CertificateKit();
        _vault.Key = certificates.Key;
        SigningOptions options = new()
        {
            Certificates = $"{certificates.Signer.ExportCertificatePem()}\n{certificates.Middle.ExportCertificatePem()}",
        };

        SignatureFinding finding = Verify(
            await SignAsync(_vault.Signer(_clock, options)), new SignatureTrust([], [certificates.Root.ExportCertificatePem()], []));

        Assert.Equal((SignatureVerdict.Trusted, "certificate"), (finding.Verdict, finding.Mode));
    }

    [Fact]
    public async Task SignAsync_CertificatesOfAnotherKey_AreRefused()
    {
        using var certificates = new CertificateKit();
        SigningOptions options = new() { Certificates = certificates.Signer.ExportCertificatePem() };

        Assert.Contains("belongs to another key", await RefusalAsync(options), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "Forbidden", "403 (Forbidden)")]
    [InlineData(HttpStatusCode.NotFound, "KeyNotFound", "404 (KeyNotFound)")]
    public async Task SignAsync_VaultThatRefuses_IsNamedWithWhatToDo(HttpStatusCode status, string code, string expected)
    {
        _vault.Refusal = (status, code);

        string refusal = await RefusalAsync();

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        Assert.Contains("Signing__KeyVaultKey", refusal, StringComparison.Ordinal);
        Assert.Contains("Key Vault Crypto User", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignAsync_CurveThatModelSigningDoesNotHave_IsRefused()
    {
        _vault.Curve = "P-256K";

        Assert.Contains("it is on the curve P-256K", await RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignAsync_SignatureOfAnotherKey_IsRefused()
    {
        _vault.IsWrong = true;

        Assert.Contains("does not belong to its public key", await RefusalAsync(), StringComparison.Ordinal);
    }

    /// <summary>Without a version in the setting, a rotated key is used after the public key has been kept for ten minutes.</summary>
    [Fact]
    public async Task GetKeyIdAsync_RotatedKey_IsSeenAfterTenMinutes()
    {
        ModelSigner signer = _vault.Signer(_clock);
        string before = await signer.GetKeyIdAsync(Cancellation);
        using ECDsa old = _vault.Key;
        (_vault.Key, _vault.Version) = (ECDsa.Create(ECCurve.NamedCurves.nistP256), "v2");

        _clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(before, await signer.GetKeyIdAsync(Cancellation));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SignatureKit.HintOf(_vault.Key), await signer.GetKeyIdAsync(Cancellation));
        await SignAsync(signer);
        Assert.StartsWith($"POST {FakeVault.Address}/v2/sign", _vault.Requests[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExportAsync_BundleOfTheSameVersion_IsSignedOnce()
    {
        var kit = new BundleKit(azurite, signer: _vault.Signer(_clock));
        Modeldrop.Names.VersionName version = await kit.RegisterAsync(("model.onnx", "model"), ("model.json", "{}"));

        byte[] first = await kit.ExportAsync(version);

        Assert.Equal(first, await kit.ExportAsync(version));
        Assert.Single(_vault.Requests, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    // By hand, by the rules of DER: INTEGER 02, length, value; no leading zeros, but one where the highest bit would mean a sign.
    [Theory]
    [InlineData("0102", "3006020101020102")]
    [InlineData("00018000", "30080201010203008000")]
    [InlineData("007F00FF", "300702017F020200FF")]
    public void ToDer_Halves_AreIntegers(string halves, string der) => Assert.Equal(
        der, Convert.ToHexString(EllipticKeys.ToDer(Convert.FromHexString(halves))));

    [Theory]
    [InlineData("https://team.vault.azure.net/keys/models", "https://vault.azure.net/.default")]
    [InlineData("https://team.vault.azure.net/keys/models/0123abcd", "https://vault.azure.net/.default")]
    [InlineData("https://team.vault.azure.cn/keys/models/", "https://vault.azure.cn/.default")]
    [InlineData("https://team.managedhsm.azure.net/keys/models", "https://managedhsm.azure.net/.default")]
    public void Parse_AddressOfAKey_GivesTheScope(string address, string scope) =>
        Assert.Equal(scope, VaultKeyAddress.Parse(address).Scope);

    [Theory]
    [InlineData("http://team.vault.azure.net/keys/models")]
    [InlineData("https://team.vault.azure.net/secrets/models")]
    [InlineData("https://team.vault.azure.net/keys/")]
    [InlineData("https://team.vault.azure.net/keys/models/1/sign")]
    [InlineData("https://team.vault.azure.net:8443/keys/models")]
    [InlineData("https://example.com/keys/models")]
    [InlineData("models")]
    public void IsUsable_SomethingElse_IsNot(string address) => Assert.False(new SigningOptions { KeyVaultKey = address }.IsUsable());

    [Fact]
    public void IsUsable_KeyInAVault_StandsAlone()
    {
        using var certificates = new CertificateKit();
        string pem = _vault.Key.ExportPkcs8PrivateKeyPem();

        Assert.True(new SigningOptions { KeyVaultKey = FakeVault.Address }.IsUsable());
        Assert.False(new SigningOptions { KeyVaultKey = FakeVault.Address, Key = pem }.IsUsable());
        Assert.False(new SigningOptions { Key = pem, Certificates = certificates.Signer.ExportCertificatePem() }.IsUsable());
        Assert.True(new SigningOptions
        {
            Key = certificates.Key.ExportPkcs8PrivateKeyPem(), Certificates = certificates.Signer.ExportCertificatePem(),
        }.IsUsable());
    }

    public void Dispose()
    {
        _vault.Key.Dispose();
        _vault.Dispose();
    }

    private async Task<string> RefusalAsync(SigningOptions? options = null)
    {
        ServiceException refused = await Assert.ThrowsAsync<ServiceException>(() => SignAsync(_vault.Signer(_clock, options)));
        Assert.Equal(ErrorCode.StoreUnavailable, refused.Code);
        return refused.Message;
    }

    private static Task<byte[]> SignAsync(ModelSigner signer) =>
        signer.SignAsync("sample", SignatureKit.Signed(SignatureKit.Files), ["model.sig"], Cancellation);

    private static SignatureFinding Verify(byte[] signature, SignatureTrust trust) => SignatureVerifier.Verify(
        new SignatureToVerify("model.sig", signature, SignatureKit.Signed(SignatureKit.Files), [], "model.onnx"), trust);
}
