using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Modeldrop.Registry;
using Modeldrop.Signing;

namespace Modeldrop.Tests.Signing;

public sealed class SignatureVerifierTests
{
    private static readonly (string Name, string Content)[] Files = SignatureKit.Files;

    public static TheoryData<string> Curves => [ECCurve.NamedCurves.nistP256.Oid.FriendlyName!, "nistP384", "nistP521"];

    [Theory]
    [MemberData(nameof(Curves))]
    public void Verify_TrustedKey_IsTrusted(string curve)
    {
        using ECDsa key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));

        SignatureFinding finding = Verify(SignatureKit.ByKey(key, SignatureKit.Statement(Files)), Trusting(key));

        Assert.Equal((SignatureVerdict.Trusted, "key", SignatureKit.HintOf(key)), (finding.Verdict, finding.Mode, finding.Identity));
    }

    [Fact]
    public void Verify_KeyWithoutHint_IsFoundAmongTheTrustedOnes()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        JsonObject signature = SignatureKit.ByKey(key, SignatureKit.Statement(Files), withHint: false);

        Assert.Equal(SignatureVerdict.Trusted, Verify(signature, Trusting(other, key)).Verdict);
        Assert.Equal(SignatureVerdict.Unverified, Verify(signature, Trusting(other)).Verdict);
    }

    [Fact]
    public void Verify_UnknownKey_IsUnverified()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        SignatureFinding finding = Verify(SignatureKit.ByKey(key, SignatureKit.Statement(Files)), Trusting(other));

        Assert.Equal(SignatureVerdict.Unverified, finding.Verdict);
    }

    [Fact]
    public void Verify_SignedByAKeyOtherThanTheNamedOne_IsInvalid()
    {
        using var trusted = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var forger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        JsonObject forged = SignatureKit.ByKey(forger, SignatureKit.Statement(Files));
        forged["verificationMaterial"]!["publicKey"]!["hint"] = SignatureKit.HintOf(trusted);

        Assert.Equal(SignatureVerdict.Invalid, Verify(forged, Trusting(trusted)).Verdict);
    }

    [Theory]
    [InlineData("model.onnx", "other", "'model.onnx' differs from the signed file")]
    [InlineData("more.data", "x", "'more.data' is not signed")]
    public void Verify_OtherFiles_IsInvalid(string name, string content, string reason)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (string, string)[] here = [.. Files.Where(file => file.Name != name), (name, content)];

        SignatureFinding finding = Verify(SignatureKit.ByKey(key, SignatureKit.Statement(Files)), Trusting(key), here);

        Assert.Equal(SignatureVerdict.Invalid, finding.Verdict);
        Assert.Contains(reason, finding.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_MissingFile_IsInvalidUnlessItWasOmittedByTheBundle()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        JsonObject signature = SignatureKit.ByKey(key, SignatureKit.Statement(Files));
        (string, string)[] here = [.. Files.Where(file => file.Name != "weights.data")];

        Assert.Equal(SignatureVerdict.Invalid, Verify(signature, Trusting(key), here).Verdict);
        Assert.Equal(SignatureVerdict.Trusted, Verify(signature, Trusting(key), here, ("weights.data", "w")).Verdict);
        Assert.Equal(SignatureVerdict.Invalid, Verify(signature, Trusting(key), here, ("weights.data", "other")).Verdict);
    }

    [Fact]
    public void Verify_FileIgnoredByTheSigner_MayBePresentButIsNeverTheModel()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        JsonObject statement = SignatureKit.Statement(Files);
        Assert.Equal(
            SignatureVerdict.Trusted, Verify(SignatureKit.ByKey(key, statement), Trusting(key), [.. Files, ("ignore-me", "x")]).Verdict);

        JsonObject without = SignatureKit.Statement(("weights.data", "w"));
        without["predicate"]!["serialization"]!["ignore_paths"] = new JsonArray("model.onnx", "model.json");
        Assert.Equal(SignatureVerdict.Invalid, Verify(SignatureKit.ByKey(key, without), Trusting(key)).Verdict);
    }

    [Theory]
    [InlineData("flights.onnx")]
    [InlineData(".")]
    public void Verify_ModelWithAnotherNameInTheSignature_IsMatchedByItsHash(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        JsonObject statement = SignatureKit.Statement((name, "model"));

        Assert.Equal(
            SignatureVerdict.Trusted, Verify(SignatureKit.ByKey(key, statement), Trusting(key), [("model.onnx", "model")]).Verdict);
        Assert.Equal(
            SignatureVerdict.Invalid, Verify(SignatureKit.ByKey(key, statement), Trusting(key), [("model.onnx", "other")]).Verdict);
    }

    [Fact]
    public void Verify_Certificate_IsTrustedOnlyByItsRoot()
    {
        using var kit = new CertificateKit(days: 1);
        using var others = new CertificateKit();
        JsonObject signature = SignatureKit.ByCertificate(kit.Key, SignatureKit.Statement(Files), kit.Signer, kit.Middle);

        SignatureFinding trusted = Verify(signature, Rooted(kit));

        Assert.Equal((SignatureVerdict.Trusted, "ann@example.com", "CN=Team authority"), (
            trusted.Verdict, trusted.Identity, trusted.Issuer));
        Assert.Equal(SignatureVerdict.Verified, Verify(signature, Rooted(others)).Verdict);
        Assert.Equal(SignatureVerdict.Verified, Verify(signature, new SignatureTrust([], [], [])).Verdict);
        JsonObject cut = SignatureKit.ByCertificate(kit.Key, SignatureKit.Statement(Files), kit.Signer);
        Assert.Equal(SignatureVerdict.Verified, Verify(cut, Rooted(kit)).Verdict);
    }

    [Theory]
    [InlineData("ann@example.com", SignatureVerdict.Trusted)]
    [InlineData("bob; ann@example.com|CN=Team authority", SignatureVerdict.Trusted)]
    [InlineData("ann@example.com|CN=root", SignatureVerdict.Verified)]
    [InlineData("bob@example.com", SignatureVerdict.Verified)]
    public void Verify_CertificateOfAnIdentity_IsTrustedOnlyIfListed(string identities, SignatureVerdict expected)
    {
        using var kit = new CertificateKit();
        JsonObject signature = SignatureKit.ByCertificate(kit.Key, SignatureKit.Statement(Files), kit.Signer, kit.Middle);

        Assert.Equal(expected, Verify(signature, Rooted(kit) with { Identities = TrustedIdentity.ReadList(identities) }).Verdict);
    }

    [Fact]
    public void Verify_CertificateNotForSigning_IsInvalid()
    {
        using var kit = new CertificateKit(X509KeyUsageFlags.KeyEncipherment);
        using var other = new CertificateKit();

        JsonObject wrongUse = SignatureKit.ByCertificate(kit.Key, SignatureKit.Statement(Files), kit.Signer, kit.Middle);
        JsonObject wrongKey = SignatureKit.ByCertificate(kit.Key, SignatureKit.Statement(Files), other.Signer, other.Middle);

        Assert.Equal(SignatureVerdict.Invalid, Verify(wrongUse, Rooted(kit)).Verdict);
        Assert.Equal(SignatureVerdict.Invalid, Verify(wrongKey, Rooted(other)).Verdict);
    }

    /// <summary>Flips one bit of every byte of the signed data and of the signature.</summary>
    [Fact]
    public void Verify_AnyChangedByteOfPayloadOrSignature_IsInvalid()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        JsonObject signature = SignatureKit.ByKey(key, SignatureKit.Statement(("model.onnx", "model")));
        JsonNode envelope = signature["dsseEnvelope"]!;
        foreach ((JsonNode owner, string member) in new[] { (envelope, "payload"), (envelope["signatures"]![0]!, "sig") })
        {
            byte[] bytes = Convert.FromBase64String(owner[member]!.GetValue<string>());
            for (int at = 0; at < bytes.Length; at++)
            {
                byte[] changed = [.. bytes];
                changed[at] ^= 1;
                owner[member] = Convert.ToBase64String(changed);
                Assert.Equal(SignatureVerdict.Invalid, Verify(signature, Trusting(key), [("model.onnx", "model")]).Verdict);
            }

            owner[member] = Convert.ToBase64String(bytes);
        }

        Assert.Equal(SignatureVerdict.Trusted, Verify(signature, Trusting(key), [("model.onnx", "model")]).Verdict);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("""{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":1,"verificationMaterial":[]}""")]
    [InlineData("""{"mediaType":"a","mediaType":"b"}""")]
    public void Verify_NotASignature_IsInvalid(string text)
    {
        var signature = new SignatureToVerify("model.sig", System.Text.Encoding.UTF8.GetBytes(text), [], [], "model.onnx");

        Assert.Equal(SignatureVerdict.Invalid, SignatureVerifier.Verify(signature, new SignatureTrust([], [], [])).Verdict);
    }

    private static SignatureFinding Verify(JsonObject signature, SignatureTrust trust) => Verify(signature, trust, Files);

    private static SignatureFinding Verify(
        JsonObject signature, SignatureTrust trust, (string, string)[] files, params (string, string)[] absent) =>
        SignatureVerifier.Verify(
            new SignatureToVerify(
                "model.sig", SignatureKit.Bytes(signature), SignatureKit.Signed(files), SignatureKit.Signed(absent), "model.onnx"),
            trust);

    private static SignatureTrust Trusting(params ECDsa[] keys) =>
        new([.. keys.Select(key => key.ExportSubjectPublicKeyInfoPem())], [], []);

    private static SignatureTrust Rooted(CertificateKit kit) => new([], [kit.Root.ExportCertificatePem()], []);
}
