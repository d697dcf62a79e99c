using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Modeldrop.Tests.Acceptance.Pages;

/// <summary>
/// A person in a real browser, from the first model to a roll back. Screenshots of every page are in the folder <c>screenshots</c> beside
/// the tests.
/// </summary>
public sealed partial class ConsoleTests : AcceptanceTest
{
    private const float WaitMs = 180_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Person_WithABrowser_TakesAModelFromItsDropToItsRollBack()
    {
        if (Browser.Path is null && Environment.GetEnvironmentVariable("CI") is null)
        {
            Assert.Skip("There is no Chromium here; CHROMIUM may name one.");
        }

        AppProcess app = await StartAppAsync();
        string owner = await MakeKeyAsync(app, "Olga", "owner");
        app.Http.DefaultRequestHeaders.Add("x-api-key", owner);
        string approver = await MakeKeyAsync(app, "Ben", "approver");
        await using Person person = await StartAsync(app);
        SetDefaultExpectTimeout(WaitMs);
        IPage page = person.Page;

        await person.ReadAsync("sign-in", "/sign-in");
        await person.SignInAsync(owner);
        await Expect(page.Locator("header")).ToContainTextAsync("Olga");
        await person.ReadAsync("empty", "/");
        await person.GoAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Drop your first model" }).ClickAsync();
        await DropFirstAsync(page);
        await BecomesAsync(page, "done");
        await person.ReadAsync("operation", PathOf(page));

        await page.GetByRole(AriaRole.Link, new() { Name = "Try version 1" }).ClickAsync();
        string record = await TryAsync(page);
        await FindAsync(app, person, record);

        await DropSecondAsync(person);
        await person.ReadAsync("approval", PathOf(page));
        await ApproveAsync(page);
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("'Olga' has dropped or promoted this version");
        await using Person other = await StartAsync(app);
        await other.SignInAsync(approver);
        await other.GoAsync(PathOf(page));
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            Task traffic = SendAsync(app.Http, ended.Token);
            await ApproveAsync(other.Page);
            await BecomesAsync(other.Page, "done");
            await ended.CancelAsync();
            await traffic;
        }

        await person.GoAsync("/console/audit?model=flights");
        await Expect(page.GetByRole(AriaRole.Table)).ToContainTextAsync("Ben");
        await person.GoAsync("/console/models/flights");
        await Expect(page.Locator(".badge.champion").First).ToHaveTextAsync("version 2");
        await RollBackAsync(page);
        await person.GoAsync("/console/models/flights");
        await Expect(page.Locator(".badge.champion").First).ToHaveTextAsync("version 1");
        await ReadAllAsync(person, record);
        Assert.Empty(person.Complaints.Concat(other.Complaints));
    }

    private static Task<Person> StartAsync(AppProcess app) =>
        Person.StartAsync(app.Http.BaseAddress!.ToString(), Path.Combine(AppContext.BaseDirectory, "screenshots"));

    private static async Task<string> MakeKeyAsync(AppProcess app, string name, string role)
    {
        using var body = new StringContent($$"""{"name":"{{name}}","role":"{{role}}"}""", System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage made = await app.Http.PostAsync("api/keys", body, Token);
        return JsonNode.Parse(await made.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token))!["key"]!.GetValue<string>();
    }

    /// <summary>First drops without the model: the page reports that nothing can be registered.</summary>
    private static async Task DropFirstAsync(IPage page)
    {
        await page.GetByLabel("Model", new() { Exact = true }).FillAsync("flights");
        await page.Locator("#drop-files").SetInputFilesAsync(RepositoryFiles.Sample("flights", "reference.csv"));
        await Expect(page.Locator("#drop-findings")).ToContainTextAsync("there is no model to register");
        await Expect(page.Locator("#drop-send")).ToBeDisabledAsync();

        await page.Locator("#drop-files").SetInputFilesAsync(FilesOf("1", ["card.md", "examples.json", "model.json", "model.onnx"]));
        await Expect(page.Locator("#drop-findings")).Not.ToContainTextAsync("Missing or wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Drop it" }).ClickAsync();
        await page.WaitForURLAsync(OperationAddress());
    }

    private static async Task<string> TryAsync(IPage page)
    {
        await page.GetByLabel("distance").FillAsync("not a number");
        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        await Expect(page.Locator("#try-result")).ToContainTextAsync("is not a number");
        await page.GetByLabel("distance").FillAsync("1200");
        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        ILocator link = page.GetByRole(AriaRole.Link, new() { Name = "Open the record of this prediction" });
        await Expect(page.Locator("#try-result")).ToContainTextAsync("probabilities");
        return (await link.GetAttributeAsync("href"))!;
    }

    private static async Task FindAsync(AppProcess app, Person person, string record)
    {
        string id = record.Split('/')[^1];
        await Poll.UntilAsync(async () => (await app.Http.GetAsync($"api/predictions/{id}", Token)).IsSuccessStatusCode, "the prediction");
        await person.GoAsync("/console/predictions");
        await person.Page.GetByLabel("Prediction id").FillAsync(id);
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await Expect(person.Page.Locator("h1")).ToContainTextAsync(id);
        await Expect(person.Page.GetByRole(AriaRole.Region, new() { Name = "Input" })).ToContainTextAsync("1200");
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Replay" }).ClickAsync();
        await Expect(person.Page.Locator("#replay-result")).ToContainTextAsync("the same bits");
    }

    private static async Task DropSecondAsync(Person person)
    {
        JsonNode manifest = JsonNode.Parse(await File.ReadAllTextAsync(RepositoryFiles.Sample("flights", "2", "model.json"), Token))!;
        manifest["promotion"] = JsonNode.Parse(
            """{ "steps": [50, 100], "bakeMinutes": 0.01, "fourEyes": true, "gate": { "minRequests": 20, "maxWaitMinutes": 5 } }""");
        await person.GoAsync("/console/drop?model=flights");
        await person.Page.Locator("#drop-files").SetInputFilesAsync(FilesOf("2", ["examples.json", "model.onnx"]));
        await person.Page.Locator("#drop-files").SetInputFilesAsync(new FilePayload
        {
            Name = "model.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString()),
        });
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Drop it" }).ClickAsync();
        await person.Page.WaitForURLAsync(OperationAddress());
        await BecomesAsync(person.Page, "waiting for approval");
    }

    private static async Task ApproveAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve…" }).ClickAsync();
        ILocator dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("Version 1 is the champion. The rollout of version 2 begins: 50 % of the traffic");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
    }

    private static async Task RollBackAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Roll back…" }).ClickAsync();
        ILocator dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("All traffic goes from version 2 back to version 1 at once.");
        await dialog.GetByLabel("Reason").FillAsync("The delays look odd.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Roll back to version 1" }).ClickAsync();
        await page.WaitForURLAsync(OperationAddress());
        await BecomesAsync(page, "done");
    }

    private static async Task ReadAllAsync(Person person, string record)
    {
        await person.GoAsync("/console/models/flights/drift");
        await person.Page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Check") }).ClickAsync();
        await Expect(person.Page.GetByRole(AriaRole.Region, new() { Name = "Features" })).ToContainTextAsync("distance");
        foreach ((string name, string path) in ((string, string)[])
        [
            ("models", "/"),
            ("filtered", "/?search=nothing&show=drifted"),
            ("model", "/console/models/flights"),
            ("version", "/console/models/flights/versions/2?against=1"),
            ("drift", "/console/models/flights/drift"),
            ("performance", "/console/models/flights/performance?window=day"),
            ("shadow", "/console/models/flights/shadow"),
            ("drill", "/console/models/flights/drill"),
            ("operations", "/console/operations"),
            ("search", "/console/predictions?model=flights&key=order-1"),
            ("prediction", record),
            ("alerts", "/console/alerts"),
            ("datasets", "/console/datasets"),
            ("dataset", "/console/datasets/flights-2001-01"),
            ("audit", "/console/audit?model=flights"),
            ("keys", "/console/keys"),
            ("drop", "/console/drop?model=flights"),
        ])
        {
            await person.ReadAsync(name, path);
        }
    }

    /// <summary>Sends requests until it is cancelled, because a rollout's gate needs traffic.</summary>
    private static async Task SendAsync(HttpClient http, CancellationToken cancellationToken)
    {
        string request = await FirstExampleAsync();
        while (!cancellationToken.IsCancellationRequested)
        {
            using var body = new StringContent(request, System.Text.Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await http.PostAsync("v2/models/flights/infer", body, CancellationToken.None);
            answer.EnsureSuccessStatusCode();
        }
    }

    private static async Task<string> FirstExampleAsync() => JsonNode.Parse(
        await File.ReadAllTextAsync(RepositoryFiles.Sample("flights", "1", "examples.json"), Token))![0]!["request"]!.ToJsonString();

    private static Task BecomesAsync(IPage page, string state) => Expect(page.Locator("h1 .badge")).ToHaveTextAsync(state);

    private static string PathOf(IPage page) => new Uri(page.Url).PathAndQuery;

    private static string[] FilesOf(string version, string[] files) =>
    [
        RepositoryFiles.Sample("flights", "reference.csv"),
        RepositoryFiles.Sample("flights", "validation.csv"),
        .. files.Select(file => RepositoryFiles.Sample("flights", version, file)),
    ];

    [GeneratedRegex("/console/operations/flights~")]
    private static partial Regex OperationAddress();
}
