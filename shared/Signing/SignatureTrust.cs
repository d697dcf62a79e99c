namespace Modeldrop.Signing;

/// <summary>The keys, roots and identities that this installation trusts.</summary>
/// <param name="Keys">Public keys, PEM.</param>
/// <param name="Roots">Root certificates that chains must end at, PEM.</param>
/// <param name="Identities">Who may sign with a certificate; empty: anybody whose chain ends at a root.</param>
public sealed record SignatureTrust(
    IReadOnlyList<string> Keys, IReadOnlyList<string> Roots, IReadOnlyList<TrustedIdentity> Identities)
{
    /// <summary>A <c>trusted_root.json</c> of Sigstore, for keyless signatures; null: they are not verified.</summary>
    public string? SigstoreRoot { get; init; }
}

/// <param name="Identity">The name in the certificate: its first e-mail address or URI, or its common name.</param>
/// <param name="Issuer">
/// The distinguished name of the issuer; for a keyless signature, the address of the OpenID provider. Null: any issuer under the roots, but
/// no keyless signature.
/// </param>
public sealed record TrustedIdentity(string Identity, string? Issuer)
{
    /// <summary>Reads <c>identity|issuer; identity</c>.</summary>
    public static IReadOnlyList<TrustedIdentity> ReadList(string? setting) =>
        [.. (setting ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(one => one.Split('|', 2, StringSplitOptions.TrimEntries))
            .Select(parts => new TrustedIdentity(parts[0], parts is [_, { Length: > 0 } issuer] ? issuer : null))];
}

/// <summary>A signature to verify.</summary>
/// <param name="File">Its name, for the finding.</param>
/// <param name="Text">Its content.</param>
/// <param name="Files">The files that the signature must cover, all of them, with sums computed from their actual bytes.</param>
/// <param name="Absent">Files that the signature may also cover although they are absent.</param>
/// <param name="Model">The file that is the model: the signer may use another name for it.</param>
public sealed record SignatureToVerify(
    string File, byte[] Text, IReadOnlyList<SignedFile> Files, IReadOnlyList<SignedFile> Absent, string Model);

/// <summary>The request to the child process: <c>signatures.json</c> in its work folder.</summary>
public sealed record SignatureRequest(IReadOnlyList<SignatureToVerify> Signatures, SignatureTrust Trust)
{
    public const string FileName = "signatures.json";
}
