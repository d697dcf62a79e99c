namespace Modeldrop.Signing;

/// <summary>Whose signatures this installation trusts.</summary>
/// <param name="Keys">Public keys, PEM.</param>
/// <param name="Roots">Certificates that chains must end at, PEM.</param>
/// <param name="Identities">Who may sign with a certificate; empty: anybody whose chain ends at a root.</param>
public sealed record SignatureTrust(
    IReadOnlyList<string> Keys, IReadOnlyList<string> Roots, IReadOnlyList<TrustedIdentity> Identities)
{
    public static readonly SignatureTrust Nobody = new([], [], []);

    /// <summary>A <c>trusted_root.json</c> of Sigstore, for keyless signatures; null: they are not verified.</summary>
    public string? SigstoreRoot { get; init; }
}

/// <param name="Identity">The name in the certificate: its first e-mail address or URI, or its common name.</param>
/// <param name="Issuer">
/// The distinguished name of who issued it; of a keyless signature the address of the OpenID provider. Null: any under the roots, but not
/// of keyless signatures.
/// </param>
public sealed record TrustedIdentity(string Identity, string? Issuer)
{
    /// <summary>Reads <c>identity|issuer; identity</c>.</summary>
    public static IReadOnlyList<TrustedIdentity> ReadList(string? setting) =>
        [.. (setting ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(one => one.Split('|', 2, StringSplitOptions.TrimEntries))
            .Select(parts => new TrustedIdentity(parts[0], parts is [_, { Length: > 0 } issuer] ? issuer : null))];
}

/// <summary>A signature that is to be verified.</summary>
/// <param name="File">Its name, for the finding.</param>
/// <param name="Text">Its content.</param>
/// <param name="Files">What it must be over, all of it, with sums that were taken of the very bytes.</param>
/// <param name="Absent">Files that it may be over too, though they are not here.</param>
/// <param name="Model">Which of the files is the model: the signer may call it by another name.</param>
public sealed record SignatureToVerify(
    string File, byte[] Text, IReadOnlyList<SignedFile> Files, IReadOnlyList<SignedFile> Absent, string Model);

/// <summary>What the child process is asked for: <c>signatures.json</c> in its work folder.</summary>
public sealed record SignatureRequest(IReadOnlyList<SignatureToVerify> Signatures, SignatureTrust Trust)
{
    public const string FileName = "signatures.json";
}
