using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace Modeldrop.Signing;

/// <summary>Elliptic-curve keys as OpenSSF Model Signing uses them.</summary>
internal static class EllipticKeys
{
    /// <summary>The hash that belongs to the key's curve.</summary>
    /// <exception cref="FormatException">The curve is not P-256, P-384 or P-521.</exception>
    public static HashAlgorithmName HashOf(ECDsa key) => key.KeySize switch
    {
        256 => HashAlgorithmName.SHA256,
        384 => HashAlgorithmName.SHA384,
        521 => HashAlgorithmName.SHA512,
        _ => throw new FormatException("its key is not on one of the curves P-256, P-384 and P-521"),
    };

    /// <summary>SHA-256 of the public key as PEM text with a final line feed. A signature names its key by this value.</summary>
    public static string HintOf(ECDsa key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem() + "\n")));

    /// <summary>Whether both are the same public key.</summary>
    public static bool AreSame(ECDsa one, ECDsa other) =>
        one.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(other.ExportSubjectPublicKeyInfo());

    /// <param name="signature">Both halves, one after the other.</param>
    public static byte[] ToDer(ReadOnlySpan<byte> signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            // DER has no leading zeros.
            writer.WriteIntegerUnsigned(signature[..(signature.Length / 2)].TrimStart((byte)0));
            writer.WriteIntegerUnsigned(signature[(signature.Length / 2)..].TrimStart((byte)0));
        }

        return writer.Encode();
    }

    public static bool Verifies(ECDsa key, SignatureFile signature) => key.VerifyData(
        SignatureFile.Envelope(signature.Payload), signature.Signature, HashOf(key), DSASignatureFormat.Rfc3279DerSequence);
}
