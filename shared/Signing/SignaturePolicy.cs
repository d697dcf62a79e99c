using Modeldrop.Registry;

namespace Modeldrop.Signing;

public enum SignaturePolicy
{
    /// <summary>A drop needs no signature. An invalid signature still refuses the drop.</summary>
    None,

    /// <summary>A drop needs a valid signature, by any signer.</summary>
    Present,

    /// <summary>A drop needs the signature of a trusted key, or of a trusted issuer and identity.</summary>
    Trusted,
}

/// <summary>Decides whether the signatures of a drop are enough. Pure.</summary>
public static class SignatureRules
{
    /// <returns>Why the drop is refused; empty: it is accepted.</returns>
    public static IReadOnlyList<string> Refuse(SignaturePolicy policy, IReadOnlyList<SignatureFinding> findings)
    {
        string[] wrong = [.. findings.Where(finding => finding.Verdict == SignatureVerdict.Invalid)
            .Select(finding => $"{finding.File}: {finding.Explanation}")];
        if (wrong.Length > 0)
        {
            return wrong;
        }

        bool isEnough = policy switch
        {
            SignaturePolicy.None => true,
            SignaturePolicy.Present => findings.Any(finding => finding.Verdict is SignatureVerdict.Trusted or SignatureVerdict.Verified),
            SignaturePolicy.Trusted => findings.Any(finding => finding.Verdict == SignatureVerdict.Trusted),
            _ => false,
        };
        return isEnough ? [] : [$"{Asked(policy)} {Got(findings)}"];
    }

    private static string Asked(SignaturePolicy policy) => policy == SignaturePolicy.Present
        ? "This installation accepts only signed models (Signing__Policy is 'present')."
        : "This installation accepts only models that are signed with a trusted key or certificate (Signing__Policy is 'trusted').";

    private static string Got(IReadOnlyList<SignatureFinding> findings) => findings.Count == 0
        ? $"There is no signature: put '{SignatureFile.Name}' beside the model."
        : string.Join(" ", findings.Select(finding => $"{finding.File}: {finding.Explanation}"));
}
