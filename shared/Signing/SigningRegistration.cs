using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.Signing;

public static class SigningRegistration
{
    /// <summary>Verification of signatures on drops, and signing of bundles.</summary>
    public static IServiceCollection AddSigning(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SigningOptions>()
            .Bind(configuration.GetSection(SigningOptions.SectionName))
            .Validate(
                options => options.IsUsable(),
                "Signing__TrustedKeys (public keys on P-256, P-384 or P-521), Signing__TrustedRoots (certificates) or Signing__Key (a "
                    + "private key) cannot be read as PEM, Signing__Certificates belongs to another key, Signing__KeyVaultKey is not the "
                    + "address of a key (https://name.vault.azure.net/keys/name) or is set beside Signing__Key, "
                    + "Signing__SigstoreRoot is not a trusted_root.json of Sigstore, or Signing__Policy is 'trusted' but no signer is "
                    + "trusted.")
            .ValidateOnStart();
        services.AddSingleton<ModelSigner>();
        return services;
    }
}
