using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Modeldrop.Signing.Sigstore;

/// <summary>The signer of a keyless signature.</summary>
/// <param name="Identity">An e-mail address or a URI.</param>
/// <param name="Issuer">The address of the OpenID provider that vouched for the identity.</param>
internal sealed record KeylessSigner(string Identity, string Issuer);

/// <summary>
/// Verifies a keyless signature of Sigstore. The key was certified for a few minutes. A transparency log or a timestamp authority confirms
/// that it was used within them. Uses no network: everything is in the bundle and in the trust root.
/// </summary>
internal static class KeylessCheck
{
    private const string Provider = "1.3.6.1.4.1.57264.1.8";
    private const string OldProvider = "1.3.6.1.4.1.57264.1.1";
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";

    /// <param name="verifies">Verifies the signature with the certificate's key.</param>
    /// <exception cref="FormatException">The signature is not valid; the message says which part.</exception>
    public static KeylessSigner Check(
        KeylessMaterial material, SignedEnvelope signed, SigstoreRoot root, Func<X509Certificate2, bool> verifies)
    {
        using X509Certificate2 certificate = Load(material.Certificate);
        if (!verifies(certificate))
        {
            throw new FormatException("it was not made with the key of its certificate");
        }

        if (!MaySign(certificate))
        {
            throw new FormatException("its certificate does not allow signing");
        }

        DateTimeOffset? logged = LogEntryCheck.Check(material, signed, root);
        DateTimeOffset[] times =
        [
            .. logged is { } time ? new[] { time } : [],
            .. material.Timestamps.Select(stamp => SignedTime.Read(stamp, signed.Signature, root)),
        ];
        CheckCertificate(certificate, times, root);
        return SignerOf(certificate);
    }

    /// <summary>Checks the certificate at every known time of the signature.</summary>
    private static void CheckCertificate(X509Certificate2 certificate, DateTimeOffset[] times, SigstoreRoot root)
    {
        if (times.Length == 0)
        {
            throw new FormatException("it has no trusted time, neither from its transparency log nor from a timestamp authority");
        }

        foreach (DateTimeOffset time in times)
        {
            if (time < certificate.NotBefore.ToUniversalTime() || time > certificate.NotAfter.ToUniversalTime())
            {
                throw new FormatException("it was not made while its certificate was valid");
            }
        }

        foreach (SigstoreAuthority authority in root.Authorities.Where(authority => times.All(authority.ValidFor.Has)))
        {
            using CertificateChain chain = new(authority.Certificates);
            if (times.Select(time => chain.FindIssuer(certificate, time)).ToArray() is [{ } issuer, ..] found
                && found.All(one => one is not null))
            {
                CertificateTimestamp.Check(certificate, issuer, root);
                return;
            }
        }

        throw new FormatException(
            "its certificate does not lead to an authority in the trust root (Signing__SigstoreRoot) that was valid when it was made");
    }

    private static bool MaySign(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509KeyUsageExtension>().Any(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature))
        && certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .Any(usage => usage.EnhancedKeyUsages.Cast<Oid>().Any(purpose => purpose.Value == CodeSigning));

    private static KeylessSigner SignerOf(X509Certificate2 certificate)
    {
        string identity = Name(X509NameType.EmailName) ?? Name(X509NameType.UrlName)
            ?? throw new FormatException("its certificate names neither an e-mail address nor a URI");
        try
        {
            string? issuer = certificate.Extensions[Provider] is { } provider
                ? AsnDecoder.ReadCharacterString(provider.RawData, AsnEncodingRules.DER, UniversalTagNumber.UTF8String, out _)
                : certificate.Extensions[OldProvider] is { } old ? Encoding.UTF8.GetString(old.RawData) : null;
            return issuer is null
                ? throw new FormatException("its certificate does not name the provider that authenticated the identity")
                : new KeylessSigner(identity, issuer);
        }
        catch (AsnContentException exception)
        {
            throw new FormatException("its certificate does not name the provider that authenticated the identity", exception);
        }

        string? Name(X509NameType type) => certificate.GetNameInfo(type, forIssuer: false) is { Length: > 0 } name ? name : null;
    }

    private static X509Certificate2 Load(byte[] certificate)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(certificate);
        }
        catch (CryptographicException exception)
        {
            throw new FormatException("its certificate cannot be read", exception);
        }
    }
}
