using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Modeldrop.Tests.Acceptance.Pages;

/// <summary>A page of another origin scores from a real browser when its origin is allowed, and cannot otherwise.</summary>
public sealed class OtherOriginTests : AcceptanceTest
{
    // The script's result: the label, or the browser's error. JSON makes the browser send a preflight request.
    private const string Score = """
        async address => {
          try {
            const answer = await fetch(address + "models/iris/invocations", {
              method: "POST",
              headers: { "Content-Type": "application/json", "x-functions-key": "k" },
              body: JSON.stringify({ dataframe_records: [
                { "sepal length (cm)": 5.1, "sepal width (cm)": 3.5, "petal length (cm)": 1.4, "petal width (cm)": 0.2 } ] })
            });
            return answer.status + " " + JSON.stringify((await answer.json()).predictions[0].output_label);
          } catch (error) {
            return error.name;
          }
        }
        """;

    [Fact]
    public async Task Page_OfAnotherOrigin_ScoresOnlyIfAllowed()
    {
        // One server with two names, which a browser treats as two origins.
        await using WebApplication pages = await StartPagesAsync();
        string allowed = pages.Urls.Single();
        string other = allowed.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        AppProcess app = await StartAppAsync(("Host__CorsOrigins", allowed));
        await Client.DropSampleAsync("iris", "iris", "1");
        await Client.WaitForChampionAsync("iris", 1);
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = Browser.Path, Args = ["--no-sandbox", "--disable-gpu"] });
        IPage page = await browser.NewPageAsync();

        await page.GotoAsync(allowed);
        string byAllowed = await page.EvaluateAsync<string>(Score, $"{app.Http.BaseAddress}");
        await page.GotoAsync(other);
        string byOther = await page.EvaluateAsync<string>(Score, $"{app.Http.BaseAddress}");

        Assert.Equal("200 \"setosa\"", byAllowed);
        Assert.Equal("TypeError", byOther);
    }

    private static async Task<WebApplication> StartPagesAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        WebApplication pages = builder.Build();
        pages.MapGet("/", () => Results.Content("<!doctype html><title>page</title>", "text/html"));
        await pages.StartAsync(TestContext.Current.CancellationToken);
        return pages;
    }
}
