using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Modeldrop.Tests;

/// <summary>Opens pages in a real browser (Debian's Chromium, or the program in <c>CHROMIUM</c>) and measures the layout.</summary>
internal static partial class Browser
{
    private static readonly TimeSpan HangGuard = TimeSpan.FromMinutes(5);

    /// <summary>The browser; null if there is none.</summary>
    public static string? Path { get; } =
        new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    /// <param name="html">The whole page; it has no script, so a frame around it measures it.</param>
    /// <param name="width">Width of the window, in pixels.</param>
    public static async Task<PageLayout> MeasureAsync(string html, int width, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("modeldrop-browser").FullName;
        try
        {
            string file = System.IO.Path.Combine(folder, "page.html");
            await File.WriteAllTextAsync(file, $$"""
                <!doctype html><meta charset="utf-8"><body style="margin:0"><iframe id="page" style="width:{{width}}px;height:900px;border:0"></iframe><pre id="result"></pre>
                <script>
                const page = document.getElementById("page");
                page.onload = () => {
                  const inside = page.contentDocument;
                  const plots = [...inside.querySelectorAll("svg.plot")];
                  const outside = plots.flatMap(svg => [...svg.querySelectorAll("text")].filter(text => {
                    const box = text.getBoundingClientRect(), all = svg.getBoundingClientRect();
                    return box.left < all.left - 1 || box.right > all.right + 1;
                  }).map(text => text.textContent));
                  document.getElementById("result").textContent = JSON.stringify({
                    width: inside.documentElement.clientWidth, scrollWidth: inside.documentElement.scrollWidth, plots: plots.length,
                    smallestPlot: Math.min(...plots.map(svg => svg.getBoundingClientRect().height), 1e9), textsOutside: outside, text: inside.body.innerText.length });
                };
                page.srcdoc = {{JsonSerializer.Serialize(html).Replace("</", "<\\/", StringComparison.Ordinal)}};
                </script>
                """, cancellationToken);
            string[] arguments = [
                "--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={folder}/profile", $"--window-size={width + 20},1000",
                "--virtual-time-budget=5000", "--dump-dom", $"file://{file}"
            ];
            using Process process = Process.Start(
                new ProcessStartInfo(Path!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var guard = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            guard.CancelAfter(HangGuard);
            Task<string> errors = process.StandardError.ReadToEndAsync(guard.Token);
            string dom = await process.StandardOutput.ReadToEndAsync(guard.Token);
            await process.WaitForExitAsync(guard.Token);
            Match result = Result().Match(dom);
            Assert.True(result.Success, $"The browser has measured nothing: {await errors}");
            return JsonSerializer.Deserialize<PageLayout>(
                System.Net.WebUtility.HtmlDecode(result.Groups[1].Value), JsonSerializerOptions.Web)!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex("<pre id=\"result\">(.*?)</pre>", RegexOptions.Singleline)]
    private static partial Regex Result();
}

/// <param name="ScrollWidth">Above <paramref name="Width"/>, the page needs horizontal scrolling.</param>
/// <param name="TextsOutside">Texts in plots that are cut off at the side.</param>
internal sealed record PageLayout(int Width, int ScrollWidth, int Plots, double SmallestPlot, IReadOnlyList<string> TextsOutside, int Text);
