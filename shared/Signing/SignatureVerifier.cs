using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Modeldrop.Registry;
using Modeldrop.Signing.Sigstore;

namespace Modeldrop.Signing;

/// <summary>
/// Verifies signatures of OpenSSF Model Signing: with a public key, with certificates up to a root, or keyless with a trust root of
/// Sigstore. Uses no network.
/// </summary>
/// <remarks>Reads untrusted text, so it runs in the child process.</remarks>
internal static class SignatureVerifier
{
    public static SignatureFinding Verify(SignatureToVerify signature, SignatureTrust trust)
    {
        string? mode = null;
        try
        {
            if (signature.Text.Length > SignatureFile.MaxBytes)
            {
                throw new FormatException($"it has more than {SignatureFile.MaxBytes} bytes");
            }

            SignatureFile file = SignatureFile.Read(signature.Text);
            mode = file.Keyless is not null ? "keyless" : file.Certificates.Count > 0 ? "certificate" : "key";
            SignatureFinding finding = mode switch
            {
                "key" => ByKey(signature.File, file, trust),
                "certificate" => ByCertificate(signature.File, file, trust),
                _ => Keyless(signature.File, file, file.Keyless!, trust),
            };
            SignedFiles.Check(SignedStatement.Read(file.Payload), signature);
            return finding;
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            string why = exception is FormatException ? exception.Message : "it cannot be verified with its key";
            return new SignatureFinding(signature.File, SignatureVerdict.Invalid, mode, null, null, $"the signature is not valid: {why}.");
        }
    }

    private static SignatureFinding ByKey(string name, SignatureFile file, SignatureTrust trust)
    {
        bool isKnown = false;
        foreach (string pem in trust.Keys)
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(pem);
            string hint = EllipticKeys.HintOf(key);
            if (file.KeyHint is not null && file.KeyHint != hint)
            {
                continue;
            }

            isKnown = file.KeyHint is not null;
            if (EllipticKeys.Verifies(key, file))
            {
                return new SignatureFinding(
                    name, SignatureVerdict.Trusted, "key", hint, null, $"signed with the trusted key {hint[..16]}….");
            }
        }

        return isKnown
            ? throw new FormatException("it was not made with the key that it names")
            : new SignatureFinding(
                name, SignatureVerdict.Unverified, "key", file.KeyHint is { Length: 64 } named ? named : null, null,
                "its key is not one of the trusted keys (Signing__TrustedKeys).");
    }

    private static SignatureFinding ByCertificate(string name, SignatureFile file, SignatureTrust trust)
    {
        using var certificate = new CertificateCheck(file.Certificates);
        if (!EllipticKeys.Verifies(certificate.Key, file))
        {
            throw new FormatException("it was not made with the key of its certificate");
        }

        if (!certificate.MaySign)
        {
            throw new FormatException("its certificate does not allow signing");
        }

        (string identity, string issuer) = (certificate.Identity, certificate.Issuer);
        bool leadsToRoot = certificate.LeadsTo(trust.Roots);
        bool isExpected = trust.Identities.Count == 0
            || trust.Identities.Any(who => who.Identity == identity && (who.Issuer is null || who.Issuer == issuer));
        return leadsToRoot && isExpected
            ? new SignatureFinding(
                name, SignatureVerdict.Trusted, "certificate", identity, issuer, $"signed by '{identity}', certified by '{issuer}'.")
            : new SignatureFinding(
                name, SignatureVerdict.Verified, "certificate", identity, issuer,
                $"signed by '{identity}', certified by '{issuer}'; "
                    + (leadsToRoot
                        ? "the identity is not one of the trusted identities (Signing__TrustedIdentities)."
                        : "the certificate does not lead to a trusted root (Signing__TrustedRoots)."));
    }

    /// <summary>
    /// Anybody with an account at some provider can sign without a key, so only identities that are listed with their provider are trusted.
    /// </summary>
    private static SignatureFinding Keyless(string name, SignatureFile file, KeylessMaterial material, SignatureTrust trust)
    {
        if (trust.SigstoreRoot is null)
        {
            return new SignatureFinding(
                name, SignatureVerdict.Unverified, "keyless", null, null,
                "the signature is keyless, and no trust root is set to verify it with (Signing__SigstoreRoot).");
        }

        var signed = new SignedEnvelope(file.Payload, SignatureFile.Envelope(file.Payload), file.Signature);
        KeylessSigner signer = KeylessCheck.Check(material, signed, SigstoreRoot.Read(trust.SigstoreRoot), certificate =>
        {
            using ECDsa key = certificate.GetECDsaPublicKey() ?? throw new FormatException("its certificate has no elliptic-curve key");
            return EllipticKeys.Verifies(key, file);
        });
        bool isExpected = trust.Identities.Any(who => who.Identity == signer.Identity && who.Issuer == signer.Issuer);
        string words = $"signed without a key by '{signer.Identity}', authenticated by '{signer.Issuer}'";
        return new SignatureFinding(
            name, isExpected ? SignatureVerdict.Trusted : SignatureVerdict.Verified, "keyless", signer.Identity, signer.Issuer,
            isExpected ? $"{words}." : $"{words}; this identity with this issuer is not trusted (Signing__TrustedIdentities).");
    }
}
