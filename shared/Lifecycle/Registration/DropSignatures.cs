using System.Text;
using Microsoft.Extensions.Options;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Signing;

namespace Modeldrop.Lifecycle.Registration;

/// <summary>The result of verifying a drop's signatures.</summary>
/// <param name="Refusals">Why the drop is refused; empty if it is accepted.</param>
public sealed record SignatureOutcome(IReadOnlyList<SignatureFinding> Findings, IReadOnlyList<string> Refusals);

/// <summary>Verifies the signatures of a drop before its files are opened.</summary>
/// <remarks>Fails closed: a signature whose verification does not complete refuses the drop, whatever the policy.</remarks>
public sealed class DropSignatures(ProbeService probe, IOptions<SigningOptions> options)
{
    private const string SealName = "bundle.sig";

    private const string ModelInBundle = "files/" + ModelVersion.ModelFile;

    /// <param name="drop">The drop; its hashes were computed from these very bytes.</param>
    /// <param name="folder">The local folder with its files.</param>
    public async Task<SignatureOutcome> CheckAsync(StagedDrop drop, string folder, CancellationToken cancellationToken)
    {
        List<SignatureToVerify> signatures = [];
        if (drop.FindFile(SignatureFile.Name) is { } beside)
        {
            if (beside.Bytes > SignatureFile.MaxBytes)
            {
                string tooLarge = $"{beside.Path}: it has {beside.Bytes} bytes; at most {SignatureFile.MaxBytes} are accepted.";
                return new SignatureOutcome([], [tooLarge]);
            }

            byte[] text = await File.ReadAllBytesAsync(Path.Combine(folder, beside.Path), cancellationToken);
            IReadOnlyList<SignedFile> files = Signed(drop.Files.Where(file => file != beside));
            signatures.Add(
                new SignatureToVerify(beside.Path, text, files, Signed(drop.Bundle?.Omitted ?? []), ModelVersion.ModelFile));
        }

        if (drop.Bundle is { Seal: { } seal } bundle)
        {
            signatures.Add(new SignatureToVerify(SealName, Encoding.UTF8.GetBytes(seal), Signed(bundle.Entries), [], ModelInBundle));
        }

        if (signatures.Count == 0)
        {
            return new SignatureOutcome([], SignatureRules.Refuse(options.Value.Policy, []));
        }

        SignatureVerification verified = await probe.VerifyAsync(
            new SignatureRequest(signatures, options.Value.Trust()), cancellationToken);
        return verified.Reasons.Count > 0
            ? new SignatureOutcome([], [$"The signatures could not be verified. {string.Join(" ", verified.Reasons)}"])
            : new SignatureOutcome(verified.Findings, SignatureRules.Refuse(options.Value.Policy, verified.Findings));
    }

    private static IReadOnlyList<SignedFile> Signed(IEnumerable<VersionFile> files) =>
        [.. files.Select(file => new SignedFile(file.Path, file.Sha256))];
}
