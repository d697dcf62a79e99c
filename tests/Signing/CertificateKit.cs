using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Modeldrop.Tests.Signing;

/// <summary>A root, an authority below it, and a signer certified by the authority.</summary>
internal sealed class CertificateKit : IDisposable
{
    private static readonly DateTimeOffset From = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly ECDsa _middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public CertificateKit(X509KeyUsageFlags usage = X509KeyUsageFlags.DigitalSignature, int days = 3_650)
    {
        var root = new CertificateRequest("CN=root", _rootKey, HashAlgorithmName.SHA384);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        root.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        Root = root.CreateSelfSigned(From, From.AddYears(20));

        var middle = new CertificateRequest("CN=Team authority", _middleKey, HashAlgorithmName.SHA256);
        middle.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        middle.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using X509Certificate2 issued = middle.Create(Root, From, From.AddYears(15), [1]);
        Middle = issued.CopyWithPrivateKey(_middleKey);

        var signer = new CertificateRequest("CN=ann", Key, HashAlgorithmName.SHA256);
        signer.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddEmailAddress("ann@example.com");
        signer.CertificateExtensions.Add(names.Build());
        Signer = signer.Create(Middle, From, From.AddDays(days), [2]);
    }

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public X509Certificate2 Root { get; }

    public X509Certificate2 Middle { get; }

    public X509Certificate2 Signer { get; }

    public void Dispose()
    {
        Signer.Dispose();
        Middle.Dispose();
        Root.Dispose();
        Key.Dispose();
        _middleKey.Dispose();
        _rootKey.Dispose();
    }
}
