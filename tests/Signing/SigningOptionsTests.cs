using Modeldrop.Signing;
using Modeldrop.Tests.Infra;

namespace Modeldrop.Tests.Signing;

public sealed class SigningOptionsTests
{
    private const string Root = "tests/Signing/Sigstore/Reference/trusted_root.json";

    [Theory]
    [InlineData("ann@example.com|https://accounts.example.com", true)]
    [InlineData("ann@example.com", false)]
    [InlineData(null, false)]
    public void IsUsable_TrustOnlyInKeylessSignatures_NeedsAnIdentityWithItsIssuer(string? identities, bool expected)
    {
        var options = new SigningOptions
        {
            Policy = SignaturePolicy.Trusted, SigstoreRoot = RepositoryText.PathOf(Root), TrustedIdentities = identities,
        };

        Assert.Equal(expected, options.IsUsable());
    }

    [Fact]
    public void IsUsable_TextOrPathOfATrustRoot_IsRead()
    {
        Assert.True(new SigningOptions { SigstoreRoot = RepositoryText.Read(Root) }.IsUsable());
        Assert.Equal(RepositoryText.Read(Root), new SigningOptions { SigstoreRoot = RepositoryText.PathOf(Root) }.Trust().SigstoreRoot);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}""")]
    [InlineData("/nowhere/trusted_root.json")]
    public void IsUsable_NotATrustRoot_IsFalse(string root) => Assert.False(new SigningOptions { SigstoreRoot = root }.IsUsable());
}
