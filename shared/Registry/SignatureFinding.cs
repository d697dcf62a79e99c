namespace Modeldrop.Registry;

public enum SignatureVerdict
{
    /// <summary>Made for these very files by a key, or under a root, that this installation trusts.</summary>
    Trusted,

    /// <summary>Made for these very files with the certificate that it contains, but the issuer is not trusted here.</summary>
    Verified,

    /// <summary>Names these very files, but the signer is unknown: the key is not known here, or the kind is not supported.</summary>
    Unverified,

    /// <summary>Wrong: broken, or made for other files. A version never has such a signature.</summary>
    Invalid,
}

/// <summary>A signature that came with a version, and the result of verifying it.</summary>
/// <param name="File"><c>model.sig</c> beside the model, or <c>bundle.sig</c> of a bundle.</param>
/// <param name="Mode"><c>key</c>, <c>certificate</c> or <c>keyless</c>; null: the signature could not be read.</param>
/// <param name="Identity">The signer: the name in the certificate, or the SHA-256 of the public key; null: not known.</param>
/// <param name="Issuer">Issuer of the certificate; null: there is none.</param>
/// <param name="Explanation">The result in a sentence.</param>
public sealed record SignatureFinding(
    string File, SignatureVerdict Verdict, string? Mode, string? Identity, string? Issuer, string Explanation);
