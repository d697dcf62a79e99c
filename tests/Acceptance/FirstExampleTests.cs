using System.Text.Json;
using Modeldrop.Standalone.Demo;
using Modeldrop.Tests.Infra;

namespace Modeldrop.Tests.Acceptance;

/// <summary>The README's first example works unchanged and matches the start banner.</summary>
public sealed class FirstExampleTests : AcceptanceTest
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readme_Commands_RegisterACheckedModelAndScoreIt()
    {
        AppProcess app = await StartAppAsync();
        string[] commands = Commands();
        Assert.All(Banner.FirstFiles, file => Assert.Contains($"@{file}", commands[0], StringComparison.Ordinal));

        JsonElement accepted = await RunAsync(commands[0], app);
        string operation = accepted.GetProperty("operation").GetString()!;
        JsonElement done = await Client.WaitAsync(
            $"api/operations/{operation}", one => one.GetProperty("status").GetString() == "completed");
        Assert.Equal("done", done.GetProperty("outcome").GetString());
        JsonElement listed = await RunAsync(commands[1], app);
        Assert.Contains(operation, listed.GetRawText(), StringComparison.Ordinal);
        await Client.WaitForChampionAsync("iris", 1);
        JsonElement scored = await RunAsync(commands[2], app);
        Assert.Contains("setosa", scored.GetProperty("predictions").GetRawText(), StringComparison.Ordinal);

        (int status, JsonElement report) = await Client.SendAsync(HttpMethod.Get, "api/models/iris/versions/1/report");
        Assert.Equal(200, status);
        Assert.Contains("petal width (cm)", report.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("metric.accuracy.min", report.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Banner_WithoutModels_ShowsTheCommandsOfTheReadme()
    {
        string text = new Banner(
            new Uri(ShellBlocks.Address), "AccountName=devstoreaccount1;", "drop", HasKey: false, HasModels: false).Text();
        string[] lines = [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("curl", StringComparison.Ordinal))];
        string[] commands = Commands();

        Assert.Equal(commands[0], lines[0]);
        Assert.Equal(Spaceless(commands[2]), Spaceless(lines[1]));
        Assert.Contains("export AZURE_STORAGE_CONNECTION_STRING=\"AccountName=devstoreaccount1;\"", text, StringComparison.Ordinal);
        Assert.Contains("There is no model yet.", text, StringComparison.Ordinal);
        Assert.Contains("docs/your-first-model.md", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Banner_WithModels_OmitsTheFirstModel()
    {
        string text = new Banner(new Uri(ShellBlocks.Address), null, "drop", HasKey: true, HasModels: true).Text();

        Assert.DoesNotContain("export ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("no model", text, StringComparison.Ordinal);
        Assert.Contains($"curl -H 'x-functions-key: <key>' {ShellBlocks.Address}v2/models", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Banner_Files_Exist() =>
        Assert.All(Banner.FirstFiles, file => Assert.True(File.Exists(RepositoryText.PathOf(file)), file));

    private static string[] Commands() => ShellBlocks.CurlsOf(ShellBlocks.Of("README.md", "Your first model")[0]);

    private static string Spaceless(string text) => string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)));

    private static async Task<JsonElement> RunAsync(string command, AppProcess app) =>
        JsonElement.Parse(await ShellBlocks.RunAsync(command, app, RepositoryFiles.Root, Cancellation));
}
