using Modeldrop.Names;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Probe;

/// <summary>The child of an inspection stays and validates the same model.</summary>
public sealed class KeptChildTests
{
    private static readonly OperationId Operation = Ids.Operation("kept");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_child_that_inspected_a_drop_scores_it_as_a_new_child_does()
    {
        string model = SampleFiles.Model("penguins/1");
        ScoreRequest[] scorings =
        [
            new ScoreRequest
            {
                DataFile = SampleFiles.PathOf("penguins/validation.csv"), WantsLabels = true, WantsInputs = true, LatencyRuns = 20,
                ChecksBehaviour = true,
            },
            new ScoreRequest { DataFile = SampleFiles.PathOf("penguins/reference.csv"), WantsInputs = true },
        ];
        using ProbeService probe = ProbeFixture.Service();
        InspectionOutcome inspected = await probe.InspectDropAsync(model, manifest: null, Token, Operation);
        Assert.Empty(inspected.Reasons);
        Assert.Equal(1, probe.Kept);

        using ProbeScores fresh = await probe.ScoreAsync(model, scorings, inspected.Inspection!.Signature, Token, Ids.Operation("another"));
        Assert.Equal(1, probe.Kept);
        using ProbeScores kept = await probe.ScoreAsync(model, scorings, inspected.Inspection!.Signature, Token, Operation);

        Assert.Equal(0, probe.Kept);
        Assert.Equal(fresh.Count, kept.Count);
        for (int index = 0; index < fresh.Count; index++)
        {
            ScoreOutcome expected = fresh.Read(index);
            ScoreOutcome actual = kept.Read(index);
            Assert.Empty(actual.Reasons);
            Assert.Equal(expected.Figures!.Rows, actual.Figures!.Rows);
            Assert.Equal(expected.Figures.LabelColumns, actual.Figures.LabelColumns);
            Assert.Equal(expected.Figures.IsServedAsAlone, actual.Figures.IsServedAsAlone);
            Assert.Equal(expected.Labels, actual.Labels);
            Assert.Equal(Bytes(expected.Outputs), Bytes(actual.Outputs));
            Assert.Equal(Bytes(expected.Inputs), Bytes(actual.Inputs));
        }
    }

    [Fact]
    public async Task A_child_that_found_something_wrong_ends()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(SampleFiles.Model("penguins/1"), ModelVersion.ModelFile), Path.Combine(folder.Path, ModelVersion.ModelFile));
        folder.Write("reference.csv", "island\nnowhere\n");
        using var root = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service(options => options.WorkRoot = root.Path);

        InspectionOutcome refused = await probe.InspectDropAsync(folder.Path, manifest: null, Token, Operation);

        Assert.NotEmpty(refused.Companions!.Violations);
        await Poll.UntilAsync(() => !IsAlive(root.Path), "the child's end");
    }

    /// <summary>It has memory of the inspection left, so that its failure may not be the model's.</summary>
    [Fact]
    public async Task If_the_child_that_stayed_fails_a_new_one_decides()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The stand-in is a shell script.");
        using var folder = new TemporaryFolder();
        string script = folder.Write("child.sh", """
            if grep -q '"command":"inspect"' $2/request.json; then echo '{}' > $2/result.json; read next; kill -SEGV $$; fi
            exit 3

            """);
        using ProbeService probe = ProbeFixture.Service(options =>
        {
            options.DotnetPath = "/bin/sh";
            options.AssemblyPath = script;
        });
        string model = SampleFiles.Model("penguins/1");
        await probe.InspectDropAsync(model, manifest: null, Token, Operation);
        Assert.Equal(1, probe.Kept);

        using ProbeScores scores = await probe.ScoreAsync(model, [new ScoreRequest()], declared: null, Token, Operation);

        Assert.Contains("exit code 3", Assert.Single(scores.Read(0).Reasons), StringComparison.Ordinal);
        Assert.Equal(0, probe.Kept);
    }

    /// <summary>Whether a process has its working directory below a folder.</summary>
    private static bool IsAlive(string root) => Directory.EnumerateDirectories("/proc")
        .Select(process => new DirectoryInfo(Path.Combine(process, "cwd")))
        .Any(directory => LinkOf(directory)?.StartsWith(root, StringComparison.Ordinal) == true);

    private static string? LinkOf(DirectoryInfo directory)
    {
        try
        {
            return directory.LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static List<string> Bytes(IReadOnlyList<Tensor> tensors) =>
        [.. tensors.Select(tensor => tensor.Strings is { } texts
            ? string.Join('\n', texts)
            : Convert.ToHexString(tensor.Data.Span))];
}
