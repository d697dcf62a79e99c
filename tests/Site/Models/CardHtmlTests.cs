using Modeldrop.Site.Models;

namespace Modeldrop.Tests.Site.Models;

public sealed class CardHtmlTests
{
    [Fact]
    public void Of_Markdown_KeepsTextTablesAndLinks()
    {
        string html = CardHtml.Of("# Use\n\nFor *late* flights, see [here](https://example.org/x).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n");

        Assert.Contains("<h3>Use</h3>", html, StringComparison.Ordinal);
        Assert.Contains("<em>late</em>", html, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://example.org/x\">here</a>", html, StringComparison.Ordinal);
        Assert.Contains("<td>1</td>", html, StringComparison.Ordinal);
    }

    // Kinds from the OWASP filter evasion cheat sheet: tags, handlers, schemes, styles, images, encodings.
    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("<svg onload=alert(1)></svg>")]
    [InlineData("<svg><script>alert(1)</script></svg>")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](JaVaScRiPt&colon;alert(1))")]
    [InlineData("[x](&#106;avascript:alert(1))")]
    [InlineData("[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)")]
    [InlineData("[x](vbscript:msgbox(1))")]
    [InlineData("<iframe src=\"https://evil.example\"></iframe>")]
    [InlineData("<object data=\"evil.swf\"></object><embed src=\"evil.swf\">")]
    [InlineData("<form action=\"https://evil.example\"><input name=key></form>")]
    [InlineData("<p style=\"background:url(https://evil.example)\">x</p>")]
    [InlineData("<style>body{background:url(https://evil.example)}</style>")]
    [InlineData("<link rel=stylesheet href=\"https://evil.example/x.css\">")]
    [InlineData("<meta http-equiv=refresh content=\"0;url=https://evil.example\">")]
    [InlineData("<base href=\"https://evil.example/\">")]
    [InlineData("![x](https://evil.example/pixel.png)")]
    [InlineData("<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">")]
    [InlineData("<div id=content class=skip data-url=\"/api/models/x\" data-method=DELETE>x</div>")]
    [InlineData("<dialog open>x</dialog><button data-dialog=x>x</button>")]
    public void Of_HostileCard_CanRunLoadAndSendNothing(string card)
    {
        string html = CardHtml.Of($"Before.\n\n{card}\n\nAfter.");

        foreach (string evil in (string[])["<script", "<img", "<svg", "<iframe", "<object", "<embed", "<form", "<input", "<style", "<link",
            "<meta", "<base", "<button", "<dialog", "<math", "onerror=", "onload=", "style=", "src=", "data-", "id=", "class=",
            "href=\"javascript", "href=\"data", "href=\"vbscript", "href=\"java"])
        {
            Assert.DoesNotContain(evil, html.Replace("&lt;", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains("Before.", html, StringComparison.Ordinal);
    }
}
