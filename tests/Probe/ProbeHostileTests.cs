using Modeldrop.Probe;
using Modeldrop.Tests.Probe.Onnx;

namespace Modeldrop.Tests.Probe;

/// <summary>Misbehaving models and child processes: the parent always gets reasons as text.</summary>
public sealed class ProbeHostileTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, byte[], string> Files => new()
    {
        { "empty", [], "is empty" },
        { "text", "I am not a model"u8.ToArray(), "is text" },
        { "unknown operator", OnnxBytes.OneNode("Frobnicate"), "'Frobnicate' is not known to ONNX Runtime" },
        { "custom library", OnnxBytes.OneNode("Frob", "com.example", 8, 2, ("", 13), ("com.example", 1)), "custom operator library" },
        { "unknown Microsoft operator", OnnxBytes.OneNode("Frob", "com.microsoft", 8, 2, ("", 13), ("com.microsoft", 1)), "'com.microsoft:Frob' is not known to ONNX Runtime" },
        { "external data outside", OnnxBytes.External("../../etc/passwd"), "points outside of the model's folder" },
        { "absolute external data", OnnxBytes.External("/etc/passwd"), "points outside of the model's folder" },
        { "huge dimensions", OnnxBytes.AddInitializer(OnnxBytes.Tensor("w", [1L << 40, 1L << 40], new byte[8])), "impossible shape" },
        { "edge to nowhere", OnnxBytes.Model(graph => graph.Field(1, OnnxBytes.Node("Neg", "", "nowhere", "y"))), "ONNX Runtime" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Inspect_HostileFile_IsRefusedWithAReason(string name, byte[] model, string expected)
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service();
        folder.Write("model.onnx", model);

        InspectionOutcome outcome = await probe.InspectAsync(folder.Path, Token);

        Assert.False(outcome.IsAccepted, name);
        string reason = Assert.Single(outcome.Reasons);
        Assert.Contains(expected, reason, StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Path, reason, StringComparison.Ordinal);
        Assert.DoesNotContain("onnxruntime_src", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_ManyZeros_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service();
        // A sparse file: the length counts, not the disk space.
        using (FileStream file = File.Create(Path.Combine(folder.Path, "model.onnx")))
        {
            file.SetLength(200L * 1024 * 1024);
        }

        InspectionOutcome outcome = await probe.InspectAsync(folder.Path, Token);

        Assert.Contains("zeros", Assert.Single(outcome.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_NotAModel_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service();

        Assert.Equal(["There is no model.onnx."], (await probe.InspectAsync(folder.Path, Token)).Reasons);
    }

    /// <summary>If the reader finds nothing, such bytes reach ONNX Runtime: the child may crash, but not the parent.</summary>
    [Fact]
    public async Task Inspect_MutatedFiles_AlwaysGivesAResult()
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service(options => options.Concurrency = 2);
        byte[] original = await File.ReadAllBytesAsync(Path.Combine(SampleFiles.Model("penguins/1"), "model.onnx"), Token);
        var random = new Random(7);

        for (int round = 0; round < 15; round++)
        {
            folder.Write("model.onnx", OnnxModelReaderTests.Mutate(original, random));
            InspectionOutcome outcome = await probe.InspectAsync(folder.Path, Token);
            Assert.True(outcome.IsAccepted || outcome.Reasons.Count > 0);
        }
    }

    [Fact]
    public async Task Score_GraphThatAllocatesWithoutEnd_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service(options => options.MaxMemoryBytes = 512L * 1024 * 1024);
        // ConstantOfShape makes a tensor of any size from a shape of a few bytes: 64 GiB here.
        byte[] shape = OnnxBytes.Message(tensor =>
        {
            tensor.Field(1, 1L);
            tensor.Field(2, 7L);
            tensor.Field(8, "shape");
            tensor.Field(9, BitConverter.GetBytes(1L << 34));
        });
        folder.Write("model.onnx", OnnxBytes.Model(graph =>
        {
            graph.Field(1, OnnxBytes.Node("ConstantOfShape", "", "shape", "huge"));
            graph.Field(1, OnnxBytes.Node("ReduceMax", "", "huge", "top"));
            graph.Field(1, OnnxBytes.Message(node =>
            {
                node.Field(1, "x");
                node.Field(1, "top");
                node.Field(2, "y");
                node.Field(4, "Add");
            }));
            graph.Field(2, "graph");
            graph.Field(5, shape);
            graph.Field(11, OnnxBytes.FloatInfo("x", 1));
            graph.Field(12, OnnxBytes.FloatInfo("y", 1));
        }));

        ScoreOutcome outcome = await probe.ScoreAsync(
            folder.Path, new ScoreRequest { DataFile = folder.Write("validation.csv", "x\n1\n") }, Token);

        Assert.Contains("memory", Assert.Single(outcome.Reasons), StringComparison.Ordinal);
    }
}
