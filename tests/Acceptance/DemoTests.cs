using System.Text.RegularExpressions;

namespace Modeldrop.Tests.Acceptance;

/// <summary>The README's tour, as a newcomer runs it, and its final pages.</summary>
public sealed partial class DemoTests : AcceptanceTest
{
    /// <summary>Checks that the page needs no horizontal scrolling, every plot is drawn, and no text of a plot is cut off.</summary>
    private static async Task CheckAsync(string html, int width, int leastPlots)
    {
        PageLayout layout = await Browser.MeasureAsync(html, width, Token);
        Assert.InRange(layout.ScrollWidth, 1, layout.Width);
        Assert.InRange(layout.Plots, leastPlots, 100);
        Assert.True(layout.Plots == 0 || layout.SmallestPlot > 50);
        Assert.Empty(layout.TextsOutside);
        Assert.InRange(layout.Text, 500, 100_000);
    }

    [Fact]
    public async Task Demo_APartFails_TheTourAndTheAppContinue()
    {
        AppProcess app = await StartAppAsync();
        await Client.PutAsync("flights/model.onnx", await File.ReadAllBytesAsync(RepositoryFiles.Sample("iris", "1", "model.onnx"), Token));
        await Client.WaitForChampionAsync("flights", 1);
        await app.StopAsync();

        app = await StartAppAsync(["--demo"]);
        await DoneAsync(app, () => app.HasExited);
        Assert.Contains("This part failed: ", app.Output, StringComparison.Ordinal);
        Assert.Contains(" of 7 parts failed: ", app.Output, StringComparison.Ordinal);
        Assert.Contains("flights", await app.Http.GetStringAsync("console/models/flights", Token), StringComparison.Ordinal);
    }

    private static Task DoneAsync(AppProcess app, Func<bool> hasFailed) => Poll.UntilAsync(
        () =>
        {
            Assert.False(hasFailed(), app.Output);
            return app.Output.Contains("== Done in ", StringComparison.Ordinal);
        },
        "the end of the demo");

    /// <summary>Another user drops a model while the tour runs.</summary>
    private async Task DropByAnotherAsync()
    {
        await Client.PutAsync("iris/model.onnx", await File.ReadAllBytesAsync(RepositoryFiles.Sample("iris", "1", "model.onnx"), Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Demo_Completed_PagesShowItsResults()
    {
        AppProcess app = await StartAppAsync(["--demo"]);
        await DropByAnotherAsync();
        await DoneAsync(app, () => app.HasExited || app.Output.Contains(" failed: ", StringComparison.Ordinal));
        Assert.Contains("DRIFTED", app.Output, StringComparison.Ordinal);
        Assert.Contains("== 7 of 7: ", app.Output, StringComparison.Ordinal);
        Assert.Contains("A tour in 7 parts. It takes ", app.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" fail: ", app.Output, StringComparison.Ordinal);
        string page = await app.Http.GetStringAsync("console/models/flights", Token);
        Assert.Contains("/console/models/flights/drift", page, StringComparison.Ordinal);
        string drift = await app.Http.GetStringAsync("console/models/flights/drift", Token);
        Assert.Contains("Drift of flights, version 2", drift, StringComparison.Ordinal);
        Assert.Contains("distance: share of values by bin", drift, StringComparison.Ordinal);
        Assert.Contains("Traffic by version", drift, StringComparison.Ordinal);
        string performance = await app.Http.GetStringAsync(
            "console/models/flights/performance?from=2001-02-08T00:00:00Z&to=2001-05-03T00:00:00Z&window=week", Token);
        Assert.Contains("estimated", performance, StringComparison.Ordinal);
        Assert.All((string[])[page, drift, performance], html => Assert.All(
            Scripts().Matches(html), script => Assert.StartsWith("<script src=\"/assets/", script.Value, StringComparison.Ordinal)));
        if (Browser.Path is null && Environment.GetEnvironmentVariable("CI") is null)
        {
            Assert.Skip("There is no Chromium to look at the pages with; all else was as it must be.");
        }

        Assert.NotNull(Browser.Path);
        foreach (int width in (int[])[1100, 520])
        {
            await CheckAsync(await AloneAsync(app, page), width, leastPlots: 0);
            await CheckAsync(await AloneAsync(app, drift), width, leastPlots: 9);
            await CheckAsync(await AloneAsync(app, performance), width, leastPlots: 2);
        }
    }

    /// <summary>The page with inline style and without scripts, for measuring from a file.</summary>
    private static async Task<string> AloneAsync(AppProcess app, string html)
    {
        string style = await app.Http.GetStringAsync(Style().Match(html).Groups[1].Value, Token);
        return Scripts().Replace(Style().Replace(html, $"<style>{style}</style>"), "");
    }

    [GeneratedRegex("<script[^>]*>(?:</script>)?")]
    private static partial Regex Scripts();

    [GeneratedRegex("<link rel=\"stylesheet\" href=\"/(assets/[^\"]+)\"[^>]*>")]
    private static partial Regex Style();
}
