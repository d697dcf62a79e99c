using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Signing;

namespace Modeldrop.Exchange.Bundles;

/// <summary>Signs each bundle once: the signature is stored with the version, so that the bundle stays the same.</summary>
public sealed class BundleSeals(VersionStore versions, ModelSigner signer)
{
    /// <summary>Characters taken from the content's digest and from the key's; together they name a signature.</summary>
    private const int NameChars = 16;

    /// <summary>The plan with its signature, if this installation signs.</summary>
    public async Task<BundlePlan> SealAsync(BundlePlan plan, CancellationToken cancellationToken)
    {
        if (!signer.IsConfigured)
        {
            return plan;
        }

        // In a folder: no companion has such a name.
        string key = await signer.GetKeyIdAsync(cancellationToken);
        string path = $"seals/{plan.ListSha256[..NameChars]}-{key[..NameChars]}.sig";
        VersionName version = plan.Version.Name;
        byte[]? kept = await versions.FindDocumentAsync(version, path, cancellationToken);
        if (kept is null)
        {
            byte[] made = await signer.SignAsync(
                $"{version.Model}-{version.Number}", plan.Sealed.Select(entry => new SignedFile(entry.Path, entry.Sha256)),
                [BundleEntries.Seal, BundleEntries.Sums], cancellationToken);
            bool isFirst = await versions.TryWriteDocumentAsync(version, path, made, etag: null, cancellationToken);
            kept = isFirst ? made : await versions.FindDocumentAsync(version, path, cancellationToken);
        }

        return plan with { Seal = kept };
    }
}
