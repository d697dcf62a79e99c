using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Modeldrop.Standalone.Demo;
using Modeldrop.Tests.Infra;

namespace Modeldrop.Tests.Acceptance;

/// <summary>The README's first example works as it stands, and is what the start banner says.</summary>
public sealed partial class FirstExampleTests : AcceptanceTest
{
    private const string Address = "http://127.0.0.1:7071/";

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
        JsonElement scored = await RunAsync(commands[2], app);
        Assert.Contains("Chinstrap", scored.GetProperty("outputs").GetRawText(), StringComparison.Ordinal);

        (int status, JsonElement report) = await Client.SendAsync(HttpMethod.Get, "api/models/penguins/versions/1/report");
        Assert.Equal(200, status);
        Assert.Contains("accuracy", report.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Banner_WithoutModels_SaysTheSameAsTheReadme()
    {
        string text = new Banner(new Uri(Address), "AccountName=devstoreaccount1;", "drop", HasKey: false, HasModels: false).Text();
        string[] lines = [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("curl", StringComparison.Ordinal))];
        string[] commands = Commands();

        Assert.Equal(commands[0], lines[0]);
        Assert.Equal(Spaceless(commands[2]), Spaceless(lines[1]));
        Assert.Contains("export AZURE_STORAGE_CONNECTION_STRING=\"AccountName=devstoreaccount1;\"", text, StringComparison.Ordinal);
        Assert.Contains("There is no model yet.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Banner_WithModels_SaysNothingOfAFirstOne()
    {
        string text = new Banner(new Uri(Address), null, "drop", HasKey: true, HasModels: true).Text();

        Assert.DoesNotContain("export ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("no model", text, StringComparison.Ordinal);
        Assert.Contains($"curl -H 'x-functions-key: <key>' {Address}v2/models", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Banner_Files_AreThere() =>
        Assert.All(Banner.FirstFiles, file => Assert.True(File.Exists(RepositoryText.PathOf(file)), file));

    /// <summary>The first shell block of "A session": a command each, without comments and broken lines.</summary>
    private static string[] Commands()
    {
        string section = RepositoryText.Read("README.md").Split("\n## A session\n")[1];
        string block = Continuation().Replace(ShellBlock().Match(section).Groups["text"].Value, " ");
        return [.. Comment().Replace(block, "").Split("\ncurl ").Select(one => one.Trim()).Where(one => one.Length > 0)
            .Select(one => one.StartsWith("curl ", StringComparison.Ordinal) ? one : $"curl {one}")];
    }

    private static string Spaceless(string text) => string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)));

    private static async Task<JsonElement> RunAsync(string command, AppProcess app)
    {
        string here = command.Replace(Address, app.Http.BaseAddress!.ToString(), StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-c", here])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = RepositoryFiles.Root,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(Cancellation);
        string output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.True(process.ExitCode == 0, $"{here}\n{await errors}");
        return JsonElement.Parse(output);
    }

    [GeneratedRegex(@"```sh\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex(@" *\\\n *")]
    private static partial Regex Continuation();

    [GeneratedRegex(@"^#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
