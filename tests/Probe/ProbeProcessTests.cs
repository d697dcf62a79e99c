using System.Diagnostics;
using System.Text.Json;
using Modeldrop.Probe;
using Modeldrop.Probe.Child;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Probe;

/// <summary>A shell script replaces the child process, to do things that no model can do on demand.</summary>
public sealed class ProbeProcessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Child_Hangs_IsKilledWithAReason()
    {
        IReadOnlyList<string> reasons = await RunAsync("sleep 600 & sleep 600", options => options.Timeout = TimeSpan.FromSeconds(1));

        Assert.Equal(["The model did not finish within 1 s, which is the limit."], reasons);
    }

    [Theory]
    [InlineData("kill -SEGV $$", "segmentation fault")]
    [InlineData("kill -ABRT $$", "SIGABRT")]
    [InlineData("kill -KILL $$", "SIGKILL")]
    [InlineData("exit 3", "exit code 3")]
    [InlineData("echo 'Out of memory.' >&2; exit 134", "more memory")]
    [InlineData("exit 0", "no readable answer")]
    [InlineData("echo nonsense > $2/result.json", "no readable answer")]
    [InlineData("echo null > $2/result.json", "no readable answer")]
    [InlineData("echo '{}' > $2/result.json", "no readable answer")]
    [InlineData("yes 'a long line on both streams' | head -n 100000 | tee /dev/stderr; exit 9", "exit code 9")]
    public async Task Child_Fails_GivesAReason(string script, string expected) =>
        Assert.Contains(expected, Assert.Single(await RunAsync(script)), StringComparison.Ordinal);

    [Fact]
    public async Task Child_TakesTooMuchMemory_IsKilledWithAReason()
    {
        // A string that keeps doubling: some GB within seconds.
        IReadOnlyList<string> reasons = await RunAsync(
            "exec awk 'BEGIN { s = \"0123456789abcdef\"; while (1) s = s s }'", options => options.MaxMemoryBytes = 256L * 1024 * 1024);

        Assert.Matches(@"^The model took [\d,]+ MiB of memory; the limit is 256 MiB\.$", Assert.Single(reasons));
    }

    [Fact]
    public async Task Child_WritesTooMuch_IsKilledWithAReason()
    {
        foreach (string place in (string[])["outputs.tensors", "scoring-0/outputs.tensors"])
        {
            string script = $"mkdir $2/scoring-0; exec cat /dev/zero > $2/{place}";
            IReadOnlyList<string> reasons = await RunAsync(script, options => options.MaxOutputBytes = 1024 * 1024);

            Assert.Contains("more than 1,048,576 bytes", Assert.Single(reasons), StringComparison.Ordinal);
        }
    }

    /// <summary>A failure caused by one data file must not be attributed to the previous file.</summary>
    [Theory]
    [InlineData("leave 0; kill -SEGV $$", new[] { "", "segmentation fault" }, 2)]
    [InlineData("[ $left = 2 ] || leave 0; kill -SEGV $$", new[] { "segmentation fault", "segmentation fault" }, 2)]
    [InlineData("leave 0; [ $left = 1 ] || kill -SEGV $$; finish", new[] { "", "" }, 2)]
    [InlineData("leave 0; leave 1; exit 3", new[] { "", "exit code 3" }, 1)]
    [InlineData("leave 0; leave 1; finish", new[] { "", "" }, 1)]
    public async Task Child_EndsBetweenTwoScorings_TheSecondGetsANewChild(string script, string[] expected, int children)
    {
        const string Start =
            """
            work=$2
            left=$(grep -o checksBehaviour $work/request.json | wc -l)
            leave() { mkdir $work/scoring-$1; echo '{"figures":{"rows":7}}' > $work/scoring-$1/result.json; }
            finish() { echo '{}' > $work/result.json; }
            """;
        using var folder = new TemporaryFolder();
        string count = Path.Combine(folder.Path, "children");
        using ProbeService probe = Scripted(folder, $"echo started >> {count}\n{Start}\n{script}");
        folder.Write("model.onnx", "");

        using ProbeScores scores = await probe.ScoreAsync(folder.Path, [new ScoreRequest(), new ScoreRequest()], null, Token);

        foreach ((int index, string reason) in expected.Index())
        {
            ScoreOutcome outcome = scores.Read(index);
            Assert.Equal(reason.Length == 0, outcome.IsScored);
            Assert.Contains(reason, string.Join(" ", outcome.Reasons), StringComparison.Ordinal);
        }

        Assert.Equal(children, (await File.ReadAllLinesAsync(count, Token)).Length);
    }

    [Fact]
    public async Task Child_Environment_HasNoSecrets()
    {
        Environment.SetEnvironmentVariable("AzureWebJobsStorage__test", "AccountKey=secret");
        Environment.SetEnvironmentVariable("SOME_API_KEY", "secret");

        string seen = await SeenByChildAsync("env > {0}");
        Environment.SetEnvironmentVariable("AzureWebJobsStorage__test", null);
        Environment.SetEnvironmentVariable("SOME_API_KEY", null);

        Assert.DoesNotContain("secret", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("AzureWebJobs", seen, StringComparison.Ordinal);
        Assert.Contains("PATH=", seen, StringComparison.Ordinal);
        Assert.Contains("DOTNET_GCHeapHardLimit=", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WorkFolder_AfterAnyEnd_IsDeleted()
    {
        using var root = new TemporaryFolder();

        await RunAsync("touch $2/left-behind; exit 7", options => options.WorkRoot = root.Path);
        await RunAsync("mkdir $2/deep; touch $2/deep/left-behind; sleep 600", options =>
        {
            options.WorkRoot = root.Path;
            options.Timeout = TimeSpan.FromSeconds(1);
        });

        Assert.Empty(Directory.EnumerateFileSystemEntries(root.Path));
    }

    [Fact]
    public async Task Start_FolderOfAKilledParent_IsDeletedAndThatOfARunningOneIsKept()
    {
        using var root = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service(options => options.WorkRoot = root.Path);
        string stale = Directory.CreateDirectory(Path.Combine(root.Path, "stale")).FullName;
        await File.WriteAllTextAsync(Path.Combine(stale, "parent.lock"), "", Token);
        using var living = WorkFolder.Create(root.Path);
        string fresh = Directory.CreateDirectory(Path.Combine(root.Path, "fresh")).FullName;
        var anHourAgo = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1);
        Directory.SetLastWriteTimeUtc(stale, anHourAgo);
        Directory.SetLastWriteTimeUtc(living.Path, anHourAgo);

        await probe.StartAsync(Token);

        Assert.Equal([fresh, living.Path], Directory.EnumerateDirectories(root.Path).OrderBy(path => path != fresh));
    }

    [Fact]
    public async Task Cancel_WhileTheChildRuns_KillsIt()
    {
        using var root = new TemporaryFolder();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        string pidFile = Path.Combine(root.Path, "pid");
        Task<IReadOnlyList<string>> run = RunAsync(
            $"echo $$ > {pidFile}.new; mv {pidFile}.new {pidFile}; exec sleep 600", cancellationToken: cancellation.Token);
        await Poll.UntilAsync(() => File.Exists(pidFile), pidFile);
        int pid = int.Parse(await File.ReadAllTextAsync(pidFile, Token), System.Globalization.CultureInfo.InvariantCulture);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await Poll.UntilAsync(
            () => !Directory.Exists($"/proc/{pid}") || File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal),
            "the child's end");
    }

    [Fact]
    public async Task RealChild_ParentGone_Exits()
    {
        using var folder = new TemporaryFolder();
        await MakePipeAsync(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, ProbeRequest.FileName), JsonSerializer.SerializeToUtf8Bytes(
            new ProbeRequest
            {
                Command = ProbeRequest.Inspect,
                ModelPath = Path.Combine(folder.Path, "model.onnx"),
                MaxMemoryBytes = 1L << 31,
                MaxOutputBytes = 1 << 20,
                MaxRunBytes = 1 << 29,
                MaxModelBytes = 1L << 31,
            },
            StoredJson.Options), Token);
        using Process child = Process.Start(
            new ProcessStartInfo(
                ProbeProcess.FindDotnet(),
                [ProbeFixture.Application, ProbeProgram.Argument, folder.Path]) { RedirectStandardInput = true })!;

        // The operating system does this when the parent dies.
        child.StandardInput.Close();
        await child.WaitForExitAsync(Token);

        Assert.False(File.Exists(Path.Combine(folder.Path, ProbeResult.FileName)));
    }

    /// <summary>Limited by processor time, so that a busy machine refuses no model, and a model that never ends is stopped soon.</summary>
    [Fact]
    public async Task Inspect_ModelThatComputesForEver_IsKilledLongBeforeTheTimeout() => Assert.Equal(
        ["The model computed for more than 1 s before any data, which is the limit for a first look."],
        await RunAsync("while :; do :; done", options => options.InspectionTimeout = TimeSpan.FromSeconds(1)));

    [Fact]
    public async Task RealChild_Hangs_IsKilledWithAReason()
    {
        using var folder = new TemporaryFolder();
        await MakePipeAsync(folder);
        using ProbeService probe = ProbeFixture.Service(options => options.Timeout = TimeSpan.FromSeconds(2));

        InspectionOutcome outcome = await probe.InspectAsync(folder.Path, Token);

        Assert.Contains("within 2 s", Assert.Single(outcome.Reasons), StringComparison.Ordinal);
    }

    /// <summary>A model file that never answers: a named pipe without a writer blocks its reader.</summary>
    private static async Task MakePipeAsync(TemporaryFolder folder)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Named pipes are made by mkfifo.");
        using Process made = Process.Start("mkfifo", [Path.Combine(folder.Path, "model.onnx")]);
        await made.WaitForExitAsync(Token);
    }

    private static async Task<string> SeenByChildAsync(string script)
    {
        using var folder = new TemporaryFolder();
        string seen = Path.Combine(folder.Path, "seen");
        await RunAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, script, seen));
        return await File.ReadAllTextAsync(seen, Token);
    }

    private static async Task<IReadOnlyList<string>> RunAsync(
        string script, Action<ProbeOptions>? change = null, CancellationToken? cancellationToken = null)
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = Scripted(folder, script, change);
        return (await probe.InspectAsync(SampleFiles.Model("penguins/1"), cancellationToken ?? Token)).Reasons;
    }

    private static ProbeService Scripted(TemporaryFolder folder, string script, Action<ProbeOptions>? change = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-in is a shell script.");
        // `sh script probe <work folder>`: $2 is the work folder.
        string path = folder.Write("child.sh", script + "\n");
        return ProbeFixture.Service(options =>
        {
            options.DotnetPath = "/bin/sh";
            options.AssemblyPath = path;
            change?.Invoke(options);
        });
    }
}
