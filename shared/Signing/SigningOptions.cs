using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Modeldrop.Signing;

/// <summary>Which signatures are required and trusted, and how this installation signs.</summary>
public sealed class SigningOptions
{
    public const string SectionName = "Signing";

    /// <summary>The signature that a drop needs; default none.</summary>
    public SignaturePolicy Policy { get; set; }

    /// <summary>
    /// Public keys on P-256, P-384 or P-521 whose signatures are trusted: PEM, or paths of PEM files, separated by <c>;</c>.
    /// </summary>
    public string? TrustedKeys { get; set; }

    /// <summary>Certificates that the chain of a signer must end at: PEM, or paths of PEM files, separated by <c>;</c>.</summary>
    public string? TrustedRoots { get; set; }

    /// <summary>
    /// The trust root for keyless signatures: a <c>trusted_root.json</c> of Sigstore, as text or as a path. Default empty: keyless
    /// signatures are not verified.
    /// </summary>
    public string? SigstoreRoot { get; set; }

    /// <summary>
    /// Who may sign with a certificate: <c>identity|issuer; identity</c>. Default empty: anybody whose chain ends at a trusted root, and no
    /// keyless signer. Keyless signatures need an identity and an issuer, which is the address of the OpenID provider.
    /// </summary>
    public string? TrustedIdentities { get; set; }

    /// <summary>
    /// The private key on P-256, P-384 or P-521 that this installation signs its bundles with: PEM, or the path of a PEM file. In Azure,
    /// use <see cref="KeyVaultKey"/>. Default empty: bundles are not signed, unless the other setting names a key.
    /// </summary>
    public string? Key { get; set; }

    /// <summary>
    /// The address of a key in an Azure Key Vault that signs the bundles, instead of <see cref="Key"/>; with a version, or without one for
    /// the current version. The app's identity needs the role Key Vault Crypto User. Default empty.
    /// </summary>
    public string? KeyVaultKey { get; set; }

    /// <summary>
    /// Certificates of the key that signs, the signer's first, without the root: PEM, or paths of PEM files, separated by <c>;</c>. Default
    /// empty: signatures name the key only.
    /// </summary>
    public string? Certificates { get; set; }

    /// <summary>The trust that the settings configure.</summary>
    /// <exception cref="InvalidOperationException">A file cannot be read, or holds no PEM.</exception>
    internal SignatureTrust Trust() =>
        new(PemSetting.Read(TrustedKeys), PemSetting.Read(TrustedRoots), TrustedIdentity.ReadList(TrustedIdentities))
        {
            SigstoreRoot = PemSetting.ReadJson(SigstoreRoot),
        };

    /// <summary>Whether keys and roots can be read. An installation that cannot verify signatures must not start.</summary>
    internal bool IsUsable()
    {
        try
        {
            SignatureTrust trust = Trust();
            foreach (string pem in trust.Keys)
            {
                using var key = ECDsa.Create();
                key.ImportFromPem(pem);
                EllipticKeys.HashOf(key);
            }

            foreach (string pem in trust.Roots)
            {
                X509Certificate2.CreateFromPem(pem).Dispose();
            }

            foreach (string pem in PemSetting.Read(Key))
            {
                using var key = ECDsa.Create();
                key.ImportFromPem(pem);
                key.ExportParameters(includePrivateParameters: true);
                EllipticKeys.HashOf(key);
                if (KeyVaultKey is { Length: > 0 } || (PemSetting.Read(Certificates) is [{ } first, ..]
                    && !CertificateCheck.IsOf(first, key)))
                {
                    return false;
                }
            }

            if (KeyVaultKey is { Length: > 0 } address)
            {
                VaultKeyAddress.Parse(address);
            }

            bool trustsKeyless = trust.SigstoreRoot is not null && trust.Identities.Any(who => who.Issuer is not null);
            if (trust.SigstoreRoot is { } sigstore)
            {
                Sigstore.SigstoreRoot.Read(sigstore);
            }

            return Policy != SignaturePolicy.Trusted || trust.Keys.Count + trust.Roots.Count > 0 || trustsKeyless;
        }
        catch (Exception exception)
            when (exception is InvalidOperationException or CryptographicException or ArgumentException or FormatException)
        {
            return false;
        }
    }
}
