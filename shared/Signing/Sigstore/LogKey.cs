using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace Modeldrop.Signing.Sigstore;

/// <summary>The public key of a log.</summary>
/// <param name="Id">The log's id in entries and checkpoints.</param>
/// <param name="Kind">Sigstore's name of the kind of key, such as <c>PKIX_ECDSA_P256_SHA_256</c>.</param>
/// <param name="SubjectPublicKey">DER, with its algorithm.</param>
internal sealed record LogKey(byte[] Id, string Kind, byte[] SubjectPublicKey, TimeSpanOf ValidFor)
{
    private const string Ed25519 = "PKIX_ED25519";

    /// <exception cref="FormatException">This kind of key is not supported.</exception>
    public bool Verifies(ReadOnlySpan<byte> data, byte[] signature) => Kind switch
    {
        "PKIX_ECDSA_P256_SHA_256" => VerifiesEcdsa(data, signature, HashAlgorithmName.SHA256),
        "PKIX_ECDSA_P384_SHA_384" => VerifiesEcdsa(data, signature, HashAlgorithmName.SHA384),
        "PKIX_ECDSA_P521_SHA_512" => VerifiesEcdsa(data, signature, HashAlgorithmName.SHA512),
        Ed25519 => VerifiesEd25519(data, signature),
        _ => throw new FormatException($"the key of its log is of an unsupported kind ('{Kind}')"),
    };

    /// <summary>The log with this id; null: none.</summary>
    public static LogKey? Find(IEnumerable<LogKey> keys, ReadOnlySpan<byte> id)
    {
        foreach (LogKey key in keys)
        {
            if (id.SequenceEqual(key.Id))
            {
                return key;
            }
        }

        return null;
    }

    private bool VerifiesEcdsa(ReadOnlySpan<byte> data, byte[] signature, HashAlgorithmName hash)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(SubjectPublicKey, out _);
        return key.VerifyData(data, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    private bool VerifiesEd25519(ReadOnlySpan<byte> data, byte[] signature)
    {
        if (PublicKeyFactory.CreateKey(SubjectPublicKey) is not Ed25519PublicKeyParameters key)
        {
            throw new FormatException("the key of its log is not of the kind that the trust root states");
        }

        var verifier = new Ed25519Signer();
        verifier.Init(forSigning: false, key);
        verifier.BlockUpdate(data);
        return verifier.VerifySignature(signature);
    }
}
