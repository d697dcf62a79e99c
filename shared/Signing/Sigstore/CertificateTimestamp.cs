using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Modeldrop.Signing.Sigstore;

/// <summary>
/// Checks the proof in a certificate that a certificate log has accepted it (RFC 6962, section 3.2): a signature over the certificate
/// without this proof.
/// </summary>
internal static class CertificateTimestamp
{
    private const string Extension = "1.3.6.1.4.1.11129.2.4.2";

    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 3);

    /// <param name="issuer">The certificate's issuer.</param>
    /// <exception cref="FormatException">The proof is missing, or is not from a log in the trust root.</exception>
    public static void Check(X509Certificate2 certificate, X509Certificate2 issuer, SigstoreRoot root)
    {
        byte[] proof = certificate.Extensions[Extension]?.RawData
            ?? throw new FormatException("its certificate has no signed certificate timestamp (SCT)");
        try
        {
            Check(Unwrap(AsnDecoder.ReadOctetString(proof, AsnEncodingRules.DER, out _)), certificate, issuer, root);
        }
        catch (Exception exception) when (exception is AsnContentException or ArgumentException or IndexOutOfRangeException)
        {
            throw new FormatException("the signed certificate timestamp (SCT) in its certificate cannot be read", exception);
        }
    }

    private static void Check(ReadOnlySpan<byte> proof, X509Certificate2 certificate, X509Certificate2 issuer, SigstoreRoot root)
    {
        // version 1, log id 32, time 8, extensions 2 + n, hash 1, signature algorithm 1, signature 2 + n
        LogKey log = proof[0] == 0 && LogKey.Find(root.CertificateLogs, proof[1..33]) is { } known
            ? known
            : throw new FormatException(
                "the certificate log of its certificate is not in the trust root (Signing__SigstoreRoot)");
        ReadOnlySpan<byte> time = proof[33..41];
        int extensions = BinaryPrimitives.ReadUInt16BigEndian(proof[41..]);
        ReadOnlySpan<byte> behind = proof[(43 + extensions)..];
        int length = BinaryPrimitives.ReadUInt16BigEndian(behind[2..]);
        byte[] precertificate = WithoutProof(certificate.RawData);
        byte[] size = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(size, precertificate.Length);
        byte[] signed =
        [
            0, 0, .. time, 0, 1, .. SHA256.HashData(issuer.PublicKey.ExportSubjectPublicKeyInfo()), .. size[1..], .. precertificate,
            .. proof[41..(43 + extensions)],
        ];
        const byte Sha256 = 4;
        if (behind[0] != Sha256 || behind.Length != 4 + length || !log.Verifies(signed, behind[4..].ToArray()))
        {
            throw new FormatException("the certificate log has not signed the certificate");
        }

        if (!log.ValidFor.Has(DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(time))))
        {
            throw new FormatException("the key of the certificate log was not valid when the log accepted the certificate");
        }
    }

    /// <summary>The only proof in the list. The list and the proof each have a length prefix.</summary>
    private static ReadOnlySpan<byte> Unwrap(ReadOnlySpan<byte> list)
    {
        int all = BinaryPrimitives.ReadUInt16BigEndian(list);
        int first = BinaryPrimitives.ReadUInt16BigEndian(list[2..]);
        return all == list.Length - 2 && first == all - 2
            ? list[4..]
            : throw new FormatException("its certificate must have one signed certificate timestamp (SCT)");
    }

    /// <summary>The data that the log signed: the inner part of the certificate, without the extension that holds the proof.</summary>
    private static byte[] WithoutProof(byte[] certificate)
    {
        AsnReader fields = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            while (fields.HasData)
            {
                if (!fields.PeekTag().HasSameClassAndValue(Extensions))
                {
                    writer.WriteEncodedValue(fields.ReadEncodedValue().Span);
                    continue;
                }

                AsnReader list = fields.ReadSequence(Extensions).ReadSequence();
                using (writer.PushSequence(Extensions))
                using (writer.PushSequence())
                {
                    while (list.HasData)
                    {
                        ReadOnlyMemory<byte> one = list.ReadEncodedValue();
                        if (new AsnReader(one, AsnEncodingRules.DER).ReadSequence().ReadObjectIdentifier() != Extension)
                        {
                            writer.WriteEncodedValue(one.Span);
                        }
                    }
                }
            }
        }

        return writer.Encode();
    }
}
