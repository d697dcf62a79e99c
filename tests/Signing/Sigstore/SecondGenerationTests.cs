using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Modeldrop.Signing;
using Modeldrop.Signing.Sigstore;
using Modeldrop.Tests.Infra;

namespace Modeldrop.Tests.Signing.Sigstore;

/// <summary>A signature in a second-generation log: Ed25519, an entry with only a hash, the time from an authority.</summary>
public sealed class SecondGenerationTests
{
    private const string File = "tests/Signing/Sigstore/Reference/staging-rekor-v2.sigstore.json";

    private readonly JsonNode _bundle = JsonNode.Parse(RepositoryText.Read(File))!;

    private JsonNode Entry => _bundle["verificationMaterial"]!["tlogEntries"]![0]!;

    private JsonNode Envelope => _bundle["dsseEnvelope"]!;

    [Fact]
    public void Check_Unchanged_NamesTheSigner()
    {
        KeylessSigner signer = Check();

        Assert.Equal("https://token.actions.githubusercontent.com", signer.Issuer);
        Assert.StartsWith(
            "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/", signer.Identity, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_AFlippedBitInTheCheckpointsSignature_IsRefused()
    {
        string text = Entry["inclusionProof"]!["checkpoint"]!["envelope"]!.GetValue<string>();
        string line = text.Split('\n')[4];
        byte[] signed = Convert.FromBase64String(line.Split(' ')[2]);
        for (int at = 0; at < signed.Length; at++)
        {
            byte[] flipped = [.. signed];
            flipped[at] ^= 1;
            string other = $"{line[..line.LastIndexOf(' ')]} {Convert.ToBase64String(flipped)}";
            Entry["inclusionProof"]!["checkpoint"]!["envelope"] = text.Replace(line, other, StringComparison.Ordinal);

            Assert.Equal("the checkpoint is not signed by the transparency log", Refuse());
        }
    }

    [Fact]
    public void Check_WithoutATimestamp_IsRefused()
    {
        _bundle["verificationMaterial"]!["timestampVerificationData"] = new JsonObject();

        Assert.StartsWith("it has no trusted time", Refuse(), StringComparison.Ordinal);
    }

    /// <summary>A log of this kind signs no times, so an added time is ignored.</summary>
    [Fact]
    public void Check_ATimeNotSignedByTheLog_IsIgnored()
    {
        _bundle["verificationMaterial"]!["timestampVerificationData"] = new JsonObject();
        Entry["integratedTime"] = "1778700900";
        Entry["inclusionPromise"] = new JsonObject { ["signedEntryTimestamp"] = "AAAA" };

        Assert.StartsWith("it has no trusted time", Refuse(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("payload")]
    [InlineData("sig")]
    public void Check_OtherPayloadOrSignature_DoesNotMatchTheEntry(string part)
    {
        JsonNode owner = part == "sig" ? Envelope["signatures"]![0]! : Envelope;
        byte[] bytes = Convert.FromBase64String(owner[part]!.GetValue<string>());
        bytes[^1] ^= 1;
        owner[part] = Convert.ToBase64String(bytes);

        Assert.Equal("its entry in the transparency log is for another signature", Refuse(isVerified: true));
        Assert.Equal("it was not made with the key of its certificate", Refuse());
    }

    private string Refuse(bool isVerified = false) => Assert.Throws<FormatException>(() => Check(isVerified)).Message;

    private KeylessSigner Check(bool isVerified = false)
    {
        using JsonDocument material = JsonDocument.Parse(_bundle["verificationMaterial"]!.ToJsonString());
        byte[] payload = Convert.FromBase64String(Envelope["payload"]!.GetValue<string>());
        byte[] signature = Convert.FromBase64String(Envelope["signatures"]![0]!["sig"]!.GetValue<string>());
        byte[] envelope = SignatureFile.Envelope(payload);
        return KeylessCheck.Check(
            KeylessMaterial.Find(material.RootElement)!, new SignedEnvelope(payload, envelope, signature),
            SigstoreRoot.Read(RepositoryText.Read("tests/Signing/Sigstore/Reference/staging-trusted_root.json")),
            certificate => isVerified || certificate.GetECDsaPublicKey()!.VerifyData(
                envelope, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }
}
