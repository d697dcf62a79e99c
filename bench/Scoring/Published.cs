using System.Diagnostics;

namespace Modeldrop.ScoringBench;

/// <summary>Projects published as an operator deploys them: compiled ahead of time.</summary>
internal static class Published
{
    private static readonly string Output = Path.Combine(Path.GetTempPath(), "modeldrop-bench-published");

    public static Task<string> AppAsync() => PublishAsync("standalone", "Modeldrop.Standalone");

    /// <param name="name">The name of the project's assembly.</param>
    /// <returns>The path of the assembly.</returns>
    public static async Task<string> PublishAsync(string project, string name)
    {
        string folder = Path.Combine(Output, name);
        using Process publish = Process.Start("dotnet",
            [
                "publish", Path.Combine(Repository.Root, project), "-c", "Release", "--use-current-runtime", "--self-contained", "false",
                "-p:PublishReadyToRun=true", "-o", folder, "-v", "quiet", "-nologo", "-clp:ErrorsOnly"
            ]);
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0
            ? Path.Combine(folder, $"{name}.dll")
            : throw new InvalidOperationException($"{project} could not be published.");
    }
}
