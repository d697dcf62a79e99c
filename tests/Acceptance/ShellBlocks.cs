using System.Diagnostics;
using System.Text.RegularExpressions;
using Modeldrop.Tests.Infra;

namespace Modeldrop.Tests.Acceptance;

/// <summary>The shell blocks of a document, as a reader runs them.</summary>
internal static partial class ShellBlocks
{
    public const string Address = "http://127.0.0.1:7071/";

    /// <param name="section">Only blocks below this heading; null: all.</param>
    public static string[] Of(string document, string? section = null)
    {
        string text = RepositoryText.Read(document);
        string part = section is null ? text : text.Split($"\n## {section}\n")[1].Split("\n## ")[0];
        return [.. Block().Matches(part).Select(match => match.Groups["text"].Value)];
    }

    /// <summary>The commands, without comments and line continuations.</summary>
    public static string[] CurlsOf(string block) =>
        [.. Comment().Replace(Continuation().Replace(block, " "), "").Split("\ncurl ")
            .Select(one => one.Trim()).Where(one => one.Length > 0)
            .Select(one => one.StartsWith("curl ", StringComparison.Ordinal) ? one : $"curl {one}")];

    /// <summary>Runs the commands against the app and returns their output. A failing command fails the test.</summary>
    public static async Task<string> RunAsync(string commands, AppProcess app, string folder, CancellationToken cancellationToken)
    {
        string here = commands.Replace(Address, app.Http.BaseAddress!.ToString(), StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-e", "-o", "pipefail", "-c", here])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, $"{here}\n{await errors}");
        return output;
    }

    [GeneratedRegex(@"^```sh\n(?<text>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@" *\\\n *")]
    private static partial Regex Continuation();

    [GeneratedRegex(@"^#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
