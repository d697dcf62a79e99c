using System.Text.Json.Nodes;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Signing;
using Modeldrop.Tests.Infra;
using Modeldrop.Tests.Probe;

namespace Modeldrop.Tests.Signing.Sigstore;

/// <summary>Keyless signatures by the reference implementation, with the trust root of Sigstore's public instance.</summary>
public sealed class KeylessTests
{
    private const string Signer = "stefanb@us.ibm.com";
    private const string Provider = "https://sigstore.verify.ibm.com/oauth2";
    private const string Material = "verificationMaterial";
    private const string Entry = $"{Material}/tlogEntries/0";
    private const string Proof = $"{Entry}/inclusionProof";
    private const string Timestamp = $"{Material}/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp";

    /// <summary>With a time from the log and one from an authority.</summary>
    private const string Newest = "v1.1.0";

    [Theory]
    [InlineData("v0.3.1")]
    [InlineData("v1.0.0")]
    [InlineData("v1.0.1")]
    [InlineData(Newest)]
    public void Verify_SignatureOfATrustedIdentity_IsTrusted(string version)
    {
        SignatureFinding finding = Verify(Read(version));

        Assert.Equal(
            new SignatureFinding(
                "model.sig", SignatureVerdict.Trusted, "keyless", Signer, Provider,
                $"signed without a key by '{Signer}', authenticated by '{Provider}'."),
            finding);
    }

    [Theory]
    [InlineData("somebody@example.com|https://sigstore.verify.ibm.com/oauth2")]
    [InlineData("stefanb@us.ibm.com|https://accounts.google.com")]
    [InlineData("stefanb@us.ibm.com")]
    [InlineData("")]
    public void Verify_IdentityOrIssuerNotListed_IsNotTrusted(string identities)
    {
        SignatureFinding finding = Verify(Read(Newest), identities: identities);

        Assert.Equal((SignatureVerdict.Verified, Signer), (finding.Verdict, finding.Identity));
        Assert.Contains("this identity with this issuer is not trusted", finding.Explanation, StringComparison.Ordinal);
        Assert.NotEmpty(SignatureRules.Refuse(SignaturePolicy.Trusted, [finding]));
    }

    [Fact]
    public void Verify_WithoutATrustRoot_IsUnverified()
    {
        SignatureFinding finding = SignatureVerifier.Verify(Signature(Read(Newest)), new SignatureTrust([], [], []));

        Assert.Equal((SignatureVerdict.Unverified, "keyless"), (finding.Verdict, finding.Mode));
        Assert.Contains("Signing__SigstoreRoot", finding.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_OtherFiles_IsInvalid()
    {
        SignedFile[] files = SignatureKit.Signed(("signme-1", "signme-1"), ("signme-2", "other"));
        var signature = new SignatureToVerify("model.sig", SignatureKit.Bytes(Read(Newest)), files, [], "signme-1");

        AssertInvalid("'signme-2' differs from the signed", SignatureVerifier.Verify(signature, Trust(Root(), $"{Signer}|{Provider}")));
    }

    /// <summary>Flips one bit of each meaningful byte in turn.</summary>
    [Theory]
    [InlineData("dsseEnvelope/payload", "it was not made with the key of its certificate")]
    [InlineData("dsseEnvelope/signatures/0/sig", null)]
    [InlineData($"{Material}/certificate/rawBytes", null)]
    [InlineData($"{Entry}/canonicalizedBody", "does not lead from its entry to the root")]
    [InlineData($"{Entry}/logId/keyId", "its transparency log is not in the trust root")]
    [InlineData($"{Entry}/inclusionPromise/signedEntryTimestamp", "the transparency log has not signed the time of its entry")]
    [InlineData($"{Proof}/rootHash", "does not lead from its entry to the root")]
    [InlineData($"{Proof}/hashes/0", "does not lead from its entry to the root")]
    public void Verify_AnyFlippedBit_IsInvalid(string part, string? reason)
    {
        JsonNode signature = Read(Newest);
        byte[] bytes = Convert.FromBase64String(Text(signature, part));
        for (int at = 0; at < bytes.Length; at += 1 + (bytes.Length / 150))
        {
            byte[] flipped = [.. bytes];
            flipped[at] ^= 1;
            Set(signature, part, Convert.ToBase64String(flipped));

            AssertInvalid(reason ?? "", Verify(signature));
        }

        Set(signature, part, Convert.ToBase64String(bytes));
        Assert.Equal(SignatureVerdict.Trusted, Verify(signature).Verdict);
    }

    [Theory]
    [InlineData($"{Entry}/logIndex", "598151087", "the transparency log has not signed the time of its entry")]
    [InlineData($"{Entry}/integratedTime", "1760062341", "the transparency log has not signed the time of its entry")]
    [InlineData($"{Entry}/logIndex", "-1", "is not a number")]
    [InlineData($"{Proof}/logIndex", "476246823", "does not have the hashes that its index")]
    [InlineData($"{Proof}/treeSize", "476246826", "does not have the hashes that its index")]
    [InlineData($"{Proof}/treeSize", "0", "does not lead from its entry to the root")]
    [InlineData($"{Entry}/kindVersion/version", "0.0.2", "is for another signature")]
    public void Verify_ChangedNumberInTheEntry_IsInvalid(string part, string value, string reason)
    {
        JsonNode signature = Read(Newest);
        Set(signature, part, value);

        AssertInvalid(reason, Verify(signature));
    }

    [Theory]
    [InlineData("rekor.sigstore.dev - ", "rekor.sigstore.dex - ", "the checkpoint is not signed by the transparency log")]
    [InlineData("\n476246825\n", "\n476246826\n", "the checkpoint of the transparency log is for another tree")]
    [InlineData("V0NA1ekHc4s", "V0NA1ekHc4t", "the checkpoint of the transparency log is for another tree")]
    [InlineData("— rekor.sigstore.dev wNI9a", "— rekor.sigstore.dev wNI9b", "the checkpoint is not signed by the transparency log")]
    [InlineData("\n\n", "\n", "the checkpoint of the transparency log is for another tree")]
    public void Verify_OtherCheckpoint_IsInvalid(string text, string other, string reason)
    {
        JsonNode signature = Read(Newest);
        string checkpoint = Text(signature, $"{Proof}/checkpoint/envelope");
        Assert.Contains(text, checkpoint, StringComparison.Ordinal);
        Set(signature, $"{Proof}/checkpoint/envelope", checkpoint.Replace(text, other, StringComparison.Ordinal));

        AssertInvalid(reason, Verify(signature));
    }

    [Fact]
    public void Verify_AFlippedBitInTheSignatureOfTheCheckpoint_IsInvalid()
    {
        JsonNode signature = Read(Newest);
        string checkpoint = Text(signature, $"{Proof}/checkpoint/envelope").TrimEnd('\n');
        int at = checkpoint.LastIndexOf(' ') + 1;
        byte[] signed = Convert.FromBase64String(checkpoint[at..]);
        for (int flip = 0; flip < signed.Length; flip++)
        {
            byte[] flipped = [.. signed];
            flipped[flip] ^= 1;
            Set(signature, $"{Proof}/checkpoint/envelope", $"{checkpoint[..at]}{Convert.ToBase64String(flipped)}\n");

            AssertInvalid("the checkpoint is not signed by the transparency log", Verify(signature));
        }
    }

    /// <summary>The timestamped data, and the authority's signature at the end.</summary>
    [Fact]
    public void Verify_AFlippedBitInTheTimestamp_IsInvalid()
    {
        JsonNode signature = Read(Newest);
        byte[] stamp = Convert.FromBase64String(Text(signature, Timestamp));
        byte[] signed = Convert.FromBase64String(Text(signature, "dsseEnvelope/signatures/0/sig"));
        int imprint = stamp.AsSpan().IndexOf(System.Security.Cryptography.SHA256.HashData(signed));
        Assert.True(imprint > 0);
        int[] places = [.. Enumerable.Range(imprint, 32), .. Enumerable.Range(stamp.Length - 96, 96), .. Enumerable.Range(0, 8)];
        foreach (int at in places)
        {
            byte[] flipped = [.. stamp];
            flipped[at] ^= 1;
            Set(signature, Timestamp, Convert.ToBase64String(flipped));

            AssertInvalid("its timestamp", Verify(signature));
        }
    }

    /// <summary>One of the two is enough; without both, the time of the signature is unknown.</summary>
    [Fact]
    public void Verify_WithoutALogTime_NeedsATimestamp()
    {
        JsonNode stamped = Read(Newest);
        JsonNode bare = Read("v1.0.1");
        foreach (JsonNode signature in new[] { stamped, bare })
        {
            At(signature, Entry).AsObject().Remove("inclusionPromise");
        }

        Assert.Equal(SignatureVerdict.Trusted, Verify(stamped).Verdict);
        AssertInvalid("it has no trusted time", Verify(bare));
    }

    [Theory]
    [InlineData("tlogEntries", "one entry in a transparency log")]
    [InlineData("tlogEntries/0/inclusionProof", "no inclusion proof with a checkpoint")]
    [InlineData("tlogEntries/0/inclusionProof/checkpoint", "no inclusion proof with a checkpoint")]
    public void Verify_AMissingProof_IsInvalid(string part, string reason)
    {
        JsonNode signature = Read(Newest);
        int name = part.LastIndexOf('/');
        At(signature, name < 0 ? Material : $"{Material}/{part[..name]}").AsObject().Remove(part[(name + 1)..]);

        AssertInvalid(reason, Verify(signature));
    }

    /// <summary>The entry of another signature by the same signer, with all its proofs.</summary>
    [Fact]
    public void Verify_EntryOfAnotherSignature_IsInvalid()
    {
        JsonNode signature = Read("v1.0.1");
        At(signature, Material)["tlogEntries"] = At(Read("v1.0.0"), $"{Material}/tlogEntries").DeepClone();

        AssertInvalid("its entry in the transparency log is for another signature", Verify(signature));
    }

    [Theory]
    [InlineData("certificateAuthorities/1/validFor/end", "2023-01-01T00:00:00Z", "does not lead to an authority in the trust root")]
    [InlineData("certificateAuthorities/1/validFor/start", "2026-01-01T00:00:00Z", "does not lead to an authority in the trust root")]
    [InlineData("ctlogs/1/publicKey/validFor/end", "2023-01-01T00:00:00Z", "the key of the certificate log was not valid")]
    [InlineData("tlogs/0/publicKey/validFor/end", "2023-01-01T00:00:00Z", "the key of its transparency log was not valid")]
    [InlineData("timestampAuthorities/0/validFor/start", "2026-01-01T00:00:00Z", "its timestamp is for another signature")]
    public void Verify_AuthorityOrLogOutsideItsValidity_IsInvalid(string part, string time, string reason)
    {
        JsonNode root = Root();
        Set(root, part, time);

        AssertInvalid(reason, Verify(Read(Newest), root));
    }

    [Theory]
    [InlineData("ctlogs/1", "ctlogs/0", "the certificate log has not signed the certificate")]
    [InlineData("tlogs/0", "ctlogs/0", "the checkpoint is not signed by the transparency log")]
    public void Verify_OtherKeyOfALog_IsInvalid(string log, string other, string reason)
    {
        JsonNode root = Root();
        Set(root, $"{log}/publicKey/rawBytes", Text(root, $"{other}/publicKey/rawBytes"));

        AssertInvalid(reason, Verify(Read(Newest), root));
    }

    [Theory]
    [InlineData("certificateAuthorities", 1, "does not lead to an authority in the trust root")]
    [InlineData("ctlogs", 1, "the certificate log of its certificate is not in the trust root")]
    [InlineData("tlogs", 0, "its transparency log is not in the trust root")]
    [InlineData("timestampAuthorities", 0, "its timestamp is for another signature")]
    public void Verify_RootWithoutTheAuthorityOrLog_IsInvalid(string list, int number, string reason)
    {
        JsonNode root = Root();
        root[list]!.AsArray().RemoveAt(number);

        AssertInvalid(reason, Verify(Read(Newest), root));
    }

    [Fact]
    public async Task Verify_InTheChildProcess_GivesTheSame()
    {
        using ProbeService probe = ProbeFixture.Service(_ => { });
        var request = new SignatureRequest([Signature(Read(Newest))], Trust(Root(), $"{Signer}|{Provider}"));

        SignatureVerification verified = await probe.VerifyAsync(request, TestContext.Current.CancellationToken);

        Assert.Empty(verified.Reasons);
        Assert.Equal(Verify(Read(Newest)), Assert.Single(verified.Findings));
    }

    [Fact]
    public void Verify_RootOfAnotherInstance_IsInvalid() =>
        AssertInvalid("Signing__SigstoreRoot", Verify(Read(Newest), Reference("staging-trusted_root.json")));

    private static void AssertInvalid(string reason, SignatureFinding finding)
    {
        Assert.True(finding.Verdict == SignatureVerdict.Invalid, finding.Explanation);
        Assert.Contains(reason, finding.Explanation, StringComparison.Ordinal);
    }

    private static SignatureFinding Verify(JsonNode signature, JsonNode? root = null, string identities = $"{Signer}|{Provider}") =>
        SignatureVerifier.Verify(Signature(signature), Trust(root ?? Root(), identities));

    private static SignatureTrust Trust(JsonNode root, string identities) =>
        new([], [], TrustedIdentity.ReadList(identities)) { SigstoreRoot = root.ToJsonString() };

    private static SignatureToVerify Signature(JsonNode signature) => new(
        "model.sig", SignatureKit.Bytes(signature),
        SignatureKit.Signed(("signme-1", "signme-1"), ("signme-2", "signme-2")), SignatureKit.Signed(("ignore-me", "")), "signme-1");

    private static JsonNode Read(string version) => Reference($"{version}.sig");

    private static JsonNode Root() => Reference("trusted_root.json");

    private static JsonNode Reference(string file) =>
        JsonNode.Parse(RepositoryText.Read($"tests/Signing/Sigstore/Reference/{file}"))!;

    private static string Text(JsonNode root, string path) => At(root, path).GetValue<string>();

    private static void Set(JsonNode root, string path, string value)
    {
        int name = path.LastIndexOf('/');
        JsonNode owner = At(root, path[..name]);
        if (owner is JsonArray list)
        {
            list[int.Parse(path[(name + 1)..], System.Globalization.CultureInfo.InvariantCulture)] = value;
        }
        else
        {
            owner[path[(name + 1)..]] = value;
        }
    }

    private static JsonNode At(JsonNode root, string path) => path.Split('/').Aggregate(root, (node, name) => node is JsonArray
        ? node[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)]! : node[name]!);
}
