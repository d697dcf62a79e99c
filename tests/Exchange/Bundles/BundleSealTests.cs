using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Signing;
using Modeldrop.Storage;
using Modeldrop.Tests.Lifecycle;
using Modeldrop.Tests.Probe;
using Modeldrop.Tests.Signing;

namespace Modeldrop.Tests.Exchange.Bundles;

/// <summary>Signatures of bundles and beside models, verified by the child process before anything else.</summary>
public sealed class BundleSealTests(AzuriteFixture azurite) : IDisposable
{
    private const string Blob = "flights/in/flights-1.bundle.zip";

    private static readonly (string, string)[] Files = [("model.onnx", "no model at all"), ("model.json", "{}")];

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly LifecycleKit _here = new(azurite);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_SignedTwice_GivesTheSameBytes()
    {
        BundleKit there = There();
        VersionName version = await there.RegisterAsync(Files);

        byte[] first = await there.ExportAsync(version);
        byte[] second = await there.ExportAsync(version);

        Assert.Equal(Convert.ToHexString(SHA256.HashData(first)), Convert.ToHexString(SHA256.HashData(second)));
        SortedDictionary<string, byte[]> entries = BundleKit.Unpack(first);
        var signature = new SignatureToVerify(
            "bundle.sig", entries["bundle.sig"],
            [.. entries.Where(entry => entry.Key is not ("bundle.sig" or "bundle.sha256"))
                .Select(entry => new SignedFile(entry.Key, Convert.ToHexStringLower(SHA256.HashData(entry.Value))))],
            [], "files/model.onnx");
        Assert.Equal(SignatureVerdict.Trusted, SignatureVerifier.Verify(signature, Trusting(_key)).Verdict);
        Assert.Contains("  bundle.sig\n", Encoding.UTF8.GetString(entries["bundle.sha256"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InspectAsync_SealOfATrustedKey_IsTrustedAndTheContentsAreInspected()
    {
        BundleKit there = There();
        byte[] bundle = await there.ExportAsync(await there.RegisterAsync(Files));
        Trust(SignaturePolicy.Trusted, _key);

        IReadOnlyList<string> reasons = await InspectAsync(bundle);

        Assert.Contains(reasons, reason => reason.Contains("ONNX", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(reasons, reason => reason.Contains("bundle.sig", StringComparison.Ordinal));
    }

    [Fact]
    public async Task InspectAsync_SealOfAnUntrustedKey_IsRefusedByPolicyBeforeTheModelIsOpened()
    {
        BundleKit there = There();
        byte[] bundle = await there.ExportAsync(await there.RegisterAsync(Files));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Trust(SignaturePolicy.Trusted, other);

        string reason = Assert.Single(await InspectAsync(bundle));

        Assert.Contains("Signing__Policy is 'trusted'", reason, StringComparison.Ordinal);
        Assert.Contains("bundle.sig: its key is not one of the trusted keys", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SignaturePolicy.Present)]
    [InlineData(SignaturePolicy.Trusted)]
    public async Task InspectAsync_NoSignature_IsRefusedByPolicy(SignaturePolicy policy)
    {
        var there = new BundleKit(azurite);
        byte[] bundle = await there.ExportAsync(await there.RegisterAsync(Files));
        Trust(policy, _key);

        Assert.Contains("There is no signature", Assert.Single(await InspectAsync(bundle)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RegisterAsync_SignatureBesideAModel_IsInTheRecordAndTheReport()
    {
        byte[] model = await File.ReadAllBytesAsync(SampleFiles.PathOf("penguins/1/model.onnx"), Token);
        byte[] signature = await SignAsync(("model.onnx", model));
        Trust(SignaturePolicy.Trusted, _key);
        DropInput drop = await _here.DropAsync("op", "penguins", ("model.onnx", model), ("model.sig", signature));

        RegisterVersionResult registered = await _here.RegisterAsync(drop);

        var version = new VersionName(ModelName.Parse("penguins"), registered.Version);
        SignatureFinding finding = Assert.Single((await _here.Registry.Versions.GetAsync(version, Token)).Signatures!);
        Assert.Equal(("model.sig", SignatureVerdict.Trusted, "key", SignatureKit.HintOf(_key)), (
            finding.File, finding.Verdict, finding.Mode, finding.Identity));
    }

    [Fact]
    public async Task InspectAsync_SignatureOverOtherBytes_IsRefusedWithoutAnyPolicy()
    {
        byte[] model = await File.ReadAllBytesAsync(SampleFiles.PathOf("penguins/1/model.onnx"), Token);
        byte[] signature = await SignAsync(("model.onnx", model));
        byte[] changed = [.. model, 0];
        DropInput drop = await _here.DropAsync("op", "penguins", ("model.onnx", changed), ("model.sig", signature));

        string reason = Assert.Single(await _here.InspectAsync(drop));

        Assert.Contains(
            "model.sig: the signature is not valid: 'model.onnx' differs from the signed file", reason, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _here.Dispose();
        _key.Dispose();
    }

    private BundleKit There() => new(azurite, key: _key.ExportPkcs8PrivateKeyPem());

    private Task<byte[]> SignAsync(params (string Name, byte[] Content)[] files) =>
        new ModelSigner(Options.Create(new SigningOptions { Key = _key.ExportPkcs8PrivateKeyPem() })).SignAsync(
            "sample", files.Select(file => new SignedFile(file.Name, Convert.ToHexStringLower(SHA256.HashData(file.Content)))),
            ["model.sig"], Token);

    private void Trust(SignaturePolicy policy, ECDsa key)
    {
        _here.Signing.Policy = policy;
        _here.Signing.TrustedKeys = key.ExportSubjectPublicKeyInfoPem();
    }

    private static SignatureTrust Trusting(ECDsa key) => new([key.ExportSubjectPublicKeyInfoPem()], [], []);

    private async Task<IReadOnlyList<string>> InspectAsync(byte[] bundle)
    {
        string etag = (await _here.Registry.Account.Container(BlobContainers.Drop).GetBlobClient(Blob)
            .UploadAsync(new BinaryData(bundle), overwrite: true, Token)).Value.ETag.ToString();
        return await _here.InspectAsync(new DropInput(Ids.Operation("op"), new RegisterInput(Blob, etag, "ann", IsUpload: true)));
    }
}
