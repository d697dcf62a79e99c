using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Modeldrop.Tests.Acceptance.Pages;

/// <summary>A person with a browser who reads the console and records violations.</summary>
internal sealed class Person : IAsyncDisposable
{
    private const int WaitMs = 180_000;
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly string _address;
    private readonly string _pictures;

    private Person(IPlaywright playwright, IBrowser browser, string address, string pictures)
    {
        _playwright = playwright;
        _browser = browser;
        _address = address;
        _pictures = pictures;
    }

    /// <summary>
    /// Requests to other hosts, script errors, violations of the content policy, pages wider than the window, and serious or critical
    /// violations of axe's rules.
    /// </summary>
    public List<string> Complaints { get; } = [];

    /// <summary>The browser page, whose cookies apply to every page that is read.</summary>
    public IPage Page { get; private set; } = null!;

    /// <param name="address">The app's address.</param>
    /// <param name="pictures">Folder for screenshots.</param>
    public static async Task<Person> StartAsync(string address, string pictures)
    {
        Directory.CreateDirectory(pictures);
        IPlaywright playwright = await Playwright.CreateAsync();
        IBrowser browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = Browser.Path, Args = ["--no-sandbox", "--disable-gpu"] });
        var person = new Person(playwright, browser, address.TrimEnd('/'), pictures);
        person.Page = await person.OpenAsync(1280, ColorScheme.Light, scripts: true);
        return person;
    }

    public Task<IResponse?> GoAsync(string path) => Page.GotoAsync(_address + path);

    /// <summary>Opens the first page, is redirected to the sign-in, and enters a key.</summary>
    public async Task SignInAsync(string key)
    {
        await GoAsync("/");
        await Page.GetByLabel("Key").FillAsync(key);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Page.WaitForURLAsync(_address + "/");
    }

    /// <summary>Checks a page for all readers: both schemes, both widths, without scripts, and by axe's rules.</summary>
    public async Task ReadAsync(string name, string path)
    {
        foreach ((int width, ColorScheme scheme) in ((int, ColorScheme)[])
            [(1280, ColorScheme.Light), (1280, ColorScheme.Dark), (360, ColorScheme.Light), (360, ColorScheme.Dark)])
        {
            IPage page = await OpenAsync(width, scheme, scripts: true);
            await page.GotoAsync(_address + path);
            string view = $"{name}-{width}-{scheme.ToString().ToLowerInvariant()}";
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(_pictures, $"{view}.png"), FullPage = true });
            int sideways = await page.EvaluateAsync<int>(
                "() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
            if (sideways > 0)
            {
                Complaints.Add($"{view} must be moved sideways by {sideways} pixels");
            }

            AxeResult seen = await page.RunAxe();
            Complaints.AddRange(seen.Violations.Where(one => one.Impact is "serious" or "critical")
                .Select(one => $"{view}: {one.Id}: {one.Help}: {string.Join(" | ", one.Nodes.Take(3).Select(node => node.Html))}"));
            await page.Context.CloseAsync();
        }

        IPage plain = await OpenAsync(1280, ColorScheme.Light, scripts: false);
        IResponse? answer = await plain.GotoAsync(_address + path);
        Assert.Equal(200, answer!.Status);
        Assert.NotEmpty(await plain.Locator("h1").InnerTextAsync());
        Assert.EndsWith(" · Modeldrop", await plain.TitleAsync(), StringComparison.Ordinal);
        await plain.Context.CloseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private async Task<IPage> OpenAsync(int width, ColorScheme scheme, bool scripts)
    {
        IBrowserContext context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = scheme,
            JavaScriptEnabled = scripts,
            StorageState = Page is null ? null : await Page.Context.StorageStateAsync(),
        });
        context.SetDefaultTimeout(WaitMs);
        IPage page = await context.NewPageAsync();
        page.PageError += (_, error) => Complaints.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(_address, StringComparison.Ordinal))
            {
                Complaints.Add($"asked {request.Url}");
            }
        };
        page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
            {
                Complaints.Add(message.Text);
            }
        };
        return page;
    }
}
