using System.Text;
using Microsoft.Extensions.Options;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Signing;

namespace Modeldrop.Lifecycle.Registration;

/// <summary>What became of the signatures of a drop.</summary>
/// <param name="Refusals">Why it is refused; empty: it is not.</param>
public sealed record SignatureOutcome(IReadOnlyList<SignatureFinding> Findings, IReadOnlyList<string> Refusals);

/// <summary>Verifies the signatures that came with a drop, before anybody opens its files.</summary>
/// <remarks>Fails closed: a signature that nobody could verify to the end refuses the drop, whatever is asked for.</remarks>
public sealed class DropSignatures(ProbeService probe, IOptions<SigningOptions> options)
{
    private const string SealName = "bundle.sig";

    private const string ModelInBundle = "files/" + ModelVersion.ModelFile;

    /// <param name="drop">Its sums were taken of the very bytes.</param>
    /// <param name="folder">Where its files are on this machine.</param>
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
