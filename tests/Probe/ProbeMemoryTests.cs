using Modeldrop.Probe;
using Modeldrop.Scoring;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.Tests.Probe;

/// <summary>Models whose file does not show their memory. The child measures it, within the application's limits.</summary>
public sealed class ProbeMemoryTests
{
    // Of an instance with 2 GiB.
    private static readonly ScoringOptions Instance = new() { MaxSessionBytes = 768 << 20, MaxRunBytes = 512 << 20 };

    public static TheoryData<string, byte[]> Hungry => new()
    {
        { "a constant of 3.2 GB", OnnxBuilder.ConstantZeros(800_000_000) },
        { "a constant of 0.8 GB", OnnxBuilder.ConstantZeros(200_000_000) },
        { "constants of 200 MB, computed when it is loaded", OnnxBuilder.KeptZeros(8, 50_000_000) },
        { "a constant of 260 MB, computed by each run", OnnxBuilder.KeptZeros(1, 68_000_000) },
    };

    [Theory]
    [MemberData(nameof(Hungry))]
    public async Task InspectAsync_MoreMemoryThanAnInstanceHas_IsRefusedWithAReason(string what, byte[] model)
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service(scoring: Instance);
        folder.Write("model.onnx", model);

        InspectionOutcome outcome = await probe.InspectAsync(folder.Path, TestContext.Current.CancellationToken);

        Assert.False(outcome.IsAccepted, what);
        Assert.Contains("memory", Assert.Single(outcome.Reasons), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(50_000_000, 200, 600)]
    [InlineData(1, 0, 24)]
    public async Task InspectAsync_ASmallFile_ReportsItsMemory(long zeros, int leastMegabytes, int mostMegabytes)
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service(scoring: Instance);
        folder.Write("model.onnx", OnnxBuilder.KeptZeros(1, zeros));

        InspectionOutcome outcome = await probe.InspectAsync(folder.Path, TestContext.Current.CancellationToken);

        Assert.Empty(outcome.Reasons);
        TestContext.Current.TestOutputHelper?.WriteLine($"{outcome.Inspection!.MemoryBytes:N0} bytes");
        Assert.InRange(outcome.Inspection!.MemoryBytes, leastMegabytes * 1_000_000, mostMegabytes * 1_000_000);
    }

    [Fact]
    public async Task InspectAsync_AFirstRunThatFailsForMemory_RefusesTheModel()
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service(scoring: new ScoringOptions { MaxRunBytes = 64 << 20 });
        folder.Write("model.onnx", OnnxBuilder.ConstantZeros(70_000_000));

        InspectionOutcome outcome = await probe.InspectAsync(folder.Path, TestContext.Current.CancellationToken);

        Assert.Equal(["ONNX Runtime cannot run the model: The model needs more memory than the limit allows."], outcome.Reasons);
    }

    /// <summary>Each run needs 40 MB of the 64 MiB of all runs, of which a graph that loops may use a quarter.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true, "ONNX Runtime cannot run the model: The model needs more memory than the limit allows.")]
    public async Task InspectAsync_AGraphThatLoops_MayUseAQuarterOfTheMemoryOfRuns(bool loops, params string[] reasons)
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service(scoring: new ScoringOptions { MaxRunBytes = 64 << 20 });
        folder.Write("model.onnx", OnnxBuilder.SumOfZeros(10_000_000, loops));

        InspectionOutcome outcome = await probe.InspectAsync(folder.Path, TestContext.Current.CancellationToken);

        Assert.Equal(reasons, outcome.Reasons);
    }
}
