using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Modeldrop.Signing;

/// <summary>Checks the certificate of a signer and its chain to a root.</summary>
internal sealed class CertificateCheck : IDisposable
{
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";

    private readonly X509Certificate2[] _chain;

    /// <param name="certificates">DER, the signer's first.</param>
    /// <exception cref="FormatException">The data are not certificates, or their key is not supported.</exception>
    public CertificateCheck(IReadOnlyList<byte[]> certificates)
    {
        try
        {
            _chain = [.. certificates.Select(X509CertificateLoader.LoadCertificate)];
            Key = Signer.GetECDsaPublicKey() ?? throw new FormatException("its certificate has no elliptic-curve key");
        }
        catch (CryptographicException exception)
        {
            throw new FormatException("its certificates cannot be read", exception);
        }
    }

    /// <summary>Whether a certificate, PEM, is of this key.</summary>
    public static bool IsOf(string certificate, ECDsa key)
    {
        using X509Certificate2 read = X509Certificate2.CreateFromPem(certificate);
        using ECDsa? certified = read.GetECDsaPublicKey();
        return certified is not null && EllipticKeys.AreSame(certified, key);
    }

    public ECDsa Key { get; }

    public string Identity => Find(X509NameType.EmailName) ?? Find(X509NameType.UrlName) ?? Find(X509NameType.SimpleName) ?? Signer.Subject;

    public string Issuer => Signer.Issuer;

    private X509Certificate2 Signer => _chain[0];

    /// <summary>Whether the certificate is for signing.</summary>
    public bool MaySign =>
        Signer.Extensions.OfType<X509KeyUsageExtension>().Any(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature))
        || Signer.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .Any(usage => usage.EnhancedKeyUsages.Cast<Oid>().Any(purpose => purpose.Value == CodeSigning));

    /// <summary>
    /// Whether the chain ends at one of the roots. Uses no network: nothing is fetched, and revocation is not checked. The chain is checked
    /// at the start of the certificate's validity, because a signature by key has no trusted time. The reference implementation does the
    /// same.
    /// </summary>
    public bool LeadsTo(IReadOnlyList<string> roots)
    {
        if (roots.Count == 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        foreach (string root in roots)
        {
            chain.ChainPolicy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(root));
        }

        foreach (X509Certificate2 between in _chain.Skip(1))
        {
            chain.ChainPolicy.ExtraStore.Add(between);
        }

        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = Signer.NotBefore;
        return chain.Build(Signer);
    }

    public void Dispose()
    {
        Key.Dispose();
        foreach (X509Certificate2 certificate in _chain)
        {
            certificate.Dispose();
        }
    }

    private string? Find(X509NameType type) => Signer.GetNameInfo(type, forIssuer: false) is { Length: > 0 } name ? name : null;
}
