using Microsoft.AspNetCore.Components.Rendering;
using Modeldrop.Pages;

namespace Modeldrop.Tests.Pages;

public sealed class HtmlPageTests
{
    private const string Hostile = "<script>alert('x')</script> \"&";

    [Fact]
    public void Render_TextAndAttribute_AreEncoded()
    {
        string html = HtmlPage.Render<Sample, string>(Hostile);

        Assert.Equal(2, html.Split("&lt;script&gt;").Length - 1);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("\" &", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_SeveralAtOnce_DoNotInterfere()
    {
        string expected = HtmlPage.Render<Sample, string>("7");

        Assert.All(Enumerable.Range(0, 100).AsParallel().Select(_ => HtmlPage.Render<Sample, string>("7")),
            html => Assert.Equal(expected, html));
    }

    [Fact]
    public void Render_ComponentThatWaits_IsRefused() =>
        Assert.Throws<InvalidOperationException>(() => HtmlPage.Render<Waiting, string>(""));

    private sealed class Sample : PageOf<string>
    {
        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenElement(0, "p");
            builder.AddAttribute(1, "title", Model);
            builder.AddContent(2, Model);
            builder.CloseElement();
        }
    }

    private sealed class Waiting : PageOf<string>
    {
        protected override Task OnParametersSetAsync() => Task.Delay(Timeout.Infinite);
    }
}
