using System.Security.Cryptography.X509Certificates;

namespace Modeldrop.Signing.Sigstore;

/// <summary>The certificates of an authority that a chain must go through. Uses no network.</summary>
/// <param name="certificates">DER, the root last.</param>
internal sealed class CertificateChain(IReadOnlyList<byte[]> certificates) : IDisposable
{
    public X509Certificate2Collection All { get; } = [.. certificates.Select(X509CertificateLoader.LoadCertificate)];

    /// <summary>The issuer of a certificate; null: the certificate does not lead to the root, or was not valid at that time.</summary>
    public X509Certificate2? FindIssuer(X509Certificate2 certificate, DateTimeOffset time)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(All[^1]);
        chain.ChainPolicy.ExtraStore.AddRange(All);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.UtcDateTime;
        if (!chain.Build(certificate) || chain.ChainElements.Count < 2)
        {
            return null;
        }

        byte[] issuer = chain.ChainElements[1].Certificate.RawData;
        return All.FirstOrDefault(one => one.RawData.AsSpan().SequenceEqual(issuer));
    }

    public void Dispose()
    {
        foreach (X509Certificate2 certificate in All)
        {
            certificate.Dispose();
        }
    }
}
