using Modeldrop.Pages;

namespace Modeldrop.Tests.Pages;

public sealed class PageLinksTests
{
    [Theory]
    [InlineData(null, "/?model=a", "/?model=a")]
    [InlineData("s&t", "/", "/?code=s%26t")]
    [InlineData("s&t", "/?model=a", "/?model=a&code=s%26t")]
    public void To_AccessCode_IsCarriedOn(string? code, string address, string expected) =>
        Assert.Equal(expected, new PageLinks(code).To(address));
}
