namespace Modeldrop.Registry;

public enum SignatureVerdict
{
    /// <summary>Made by a key or with a root that this installation trusts, over the very files.</summary>
    Trusted,

    /// <summary>Made with the certificate that it carries, over the very files; nobody here knows who issued that.</summary>
    Verified,

    /// <summary>Names the very files, but it cannot be told who made it: the key is not known here, or the kind is not supported.</summary>
    Unverified,

    /// <summary>Wrong: broken, or made over other files. Never one of a version.</summary>
    Invalid,
}

/// <summary>A signature that came with a version, and what became of it.</summary>
/// <param name="File"><c>model.sig</c> beside the model, or <c>bundle.sig</c> of a bundle.</param>
/// <param name="Mode"><c>key</c>, <c>certificate</c> or <c>keyless</c>; null: it could not be read.</param>
/// <param name="Identity">Who signed: the name in the certificate, or the SHA-256 of the public key; null: not known.</param>
/// <param name="Issuer">Of the certificate; null: there is none.</param>
/// <param name="Explanation">In a sentence.</param>
public sealed record SignatureFinding(
    string File, SignatureVerdict Verdict, string? Mode, string? Identity, string? Issuer, string Explanation);
