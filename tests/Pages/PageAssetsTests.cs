using System.Text;
using System.Text.RegularExpressions;
using Modeldrop.Pages;

namespace Modeldrop.Tests.Pages;

public sealed partial class PageAssetsTests
{
    [Theory]
    [InlineData("console.css", "text/css; charset=utf-8")]
    [InlineData("console.js", "text/javascript; charset=utf-8")]
    [InlineData("drop.js", "text/javascript; charset=utf-8")]
    [InlineData("docs.js", "text/javascript; charset=utf-8")]
    [InlineData("scalar.js", "text/javascript; charset=utf-8")]
    [InlineData("icon.svg", "image/svg+xml")]
    public void Find_Asset_HasItsTypeAndAnAddressWithItsHash(string name, string contentType)
    {
        PageAsset asset = PageAssets.Find(name)!;

        Assert.Equal(contentType, asset.ContentType);
        Assert.Matches("^[0-9a-f]{16}$", asset.Hash);
        Assert.Equal($"/assets/{name}?v={asset.Hash}", PageAssets.AddressOf(name));
        Assert.Null(PageAssets.Find(name.ToUpperInvariant()));
    }

    [Theory]
    [InlineData("console.css")]
    [InlineData("console.js")]
    [InlineData("drop.js")]
    [InlineData("docs.js")]
    public void Content_OfAnAsset_NamesNoOtherHost(string name) => Assert.Empty(
        Foreign().Matches(Encoding.UTF8.GetString(PageAssets.Find(name)!.Content.Span)).Select(match => match.Value));

    [Fact]
    public void Unpack_APackedAsset_GivesItsText()
    {
        PageAsset asset = PageAssets.Find("scalar.js")!;

        Assert.True(asset.IsPacked);
        Assert.Contains("createApiReference", Encoding.UTF8.GetString(asset.Unpack()), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(https?:)?//[a-z0-9.-]+\.[a-z]{2,}", RegexOptions.IgnoreCase)]
    private static partial Regex Foreign();
}
