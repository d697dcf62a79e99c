using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Modeldrop.Signing.Sigstore;

/// <summary>Reads the time of a signature from a timestamp authority (RFC 3161).</summary>
internal static class SignedTime
{
    /// <param name="response">The authority's response; DER.</param>
    /// <param name="signature">The timestamped signature.</param>
    /// <exception cref="FormatException">The response is not from an authority in the trust root, or is for another signature.</exception>
    public static DateTimeOffset Read(byte[] response, byte[] signature, SigstoreRoot root)
    {
        Rfc3161TimestampToken token = Decode(response);
        foreach (SigstoreAuthority authority in root.TimestampAuthorities)
        {
            using CertificateChain chain = new(authority.Certificates);
            if (token.VerifySignatureForData(signature, out X509Certificate2? signer, chain.All))
            {
                using (signer)
                {
                    DateTimeOffset time = token.TokenInfo.Timestamp;
                    if (authority.ValidFor.Has(time) && chain.FindIssuer(signer, time) is not null)
                    {
                        return time;
                    }
                }
            }
        }

        throw new FormatException(
            "its timestamp is for another signature, or not from an authority in the trust root (Signing__SigstoreRoot)");
    }

    private static Rfc3161TimestampToken Decode(byte[] response)
    {
        try
        {
            AsnReader fields = new AsnReader(response, AsnEncodingRules.BER).ReadSequence();
            BigInteger status = fields.ReadSequence().ReadInteger();
            ReadOnlyMemory<byte> encoded = fields.ReadEncodedValue();
            if (status <= 1 && Rfc3161TimestampToken.TryDecode(encoded, out Rfc3161TimestampToken? token, out int bytes)
                && bytes == encoded.Length)
            {
                return token;
            }
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            throw new FormatException("its timestamp cannot be read", exception);
        }

        throw new FormatException("its timestamp cannot be read");
    }
}
