namespace Modeldrop.Signing;

/// <summary>The address of a key in an Azure Key Vault or Managed HSM.</summary>
/// <param name="Key">With or without the version of the key; without, the current one is used.</param>
/// <param name="Scope">What tokens are for.</param>
internal sealed record VaultKeyAddress(Uri Key, string Scope)
{
    /// <summary>Reads <c>https://name.vault.azure.net/keys/name</c>, with a version or without. Other clouds have other domains.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static VaultKeyAddress Parse(string text)
    {
        if (Uri.TryCreate(text.Trim().TrimEnd('/'), UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps
            && uri.IsDefaultPort && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            && uri.Host.Split('.', 2) is [_, { } domain]
            && (domain.StartsWith("vault.", StringComparison.Ordinal) || domain.StartsWith("managedhsm.", StringComparison.Ordinal))
            && uri.AbsolutePath.Split('/') is ["", "keys", { Length: > 0 }, ..] and { Length: 3 or 4 })
        {
            return new VaultKeyAddress(uri, $"https://{domain}/.default");
        }

        throw new FormatException($"'{text}' is not the address of a key, such as https://name.vault.azure.net/keys/name");
    }

    /// <summary>The address of one version of the key.</summary>
    /// <param name="id">The vault's name for this version. Only its last part is used, so that no answer redirects a request.</param>
    /// <exception cref="FormatException">It names no version.</exception>
    public Uri VersionOf(string? id) => Key.AbsolutePath.Split('/').Length == 4 ? Key
        : id?.Split('/')[^1] is { Length: > 0 } version && version.All(char.IsAsciiLetterOrDigit) ? new Uri($"{Key}/{version}")
        : throw new FormatException($"'{id}' names no version of a key");
}
