using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Scoring;

/// <summary>Graphs that loop have their own memory of runs.</summary>
public sealed class LoopMemoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>ONNX Runtime's message says how much memory the arena of a session still has.</summary>
    [Fact]
    public async Task Run_AGraphThatLoops_HasMemoryOfItsOwn_AndSessionsOpenedLaterShareTheRest()
    {
        using var kit = new ScoringKit();
        (await kit.Sessions.GetAsync(ModelName.Parse("m"), kit.Add("m", OnnxBuilder.Zeros(isSummed: true)), Cancellation)).Dispose();
        using var folder = new SessionFolder();
        using ModelSession looping = folder.Load(OnnxBuilder.SumOfZeros(0, loops: true), ownRunBytes: 100_000);
        using ModelSession other = folder.Load(OnnxBuilder.SumOfZeros(0, loops: false));

        Assert.InRange(Available(looping), 1, 100_000);
        Assert.InRange(Available(other), 100_001, (4 * RunMemory.OwnShare) + 3);

        static long Available(ModelSession session)
        {
            Tensor k = Tensor.OfBytes("k", Datatype.Int64, [1], BitConverter.GetBytes(1_000_000_000_000));
            ServiceException refused = Assert.Throws<ServiceException>(() => { session.Run([k]); });
            Assert.Equal(ErrorCode.MemoryExhausted, refused.Code);
            return long.Parse(
                Regex.Match(refused.InnerException!.Message, "Available memory of ([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>
    /// Each run needs a block of another size, and 12 MB, because ONNX Runtime expects the sizes of the first run. Blocks of 12, 14 and
    /// 16 MB that were not returned would leave no room for the next.
    /// </summary>
    [Fact]
    public void Run_AGraphThatLoops_ReturnsTheMemoryOfEachRun()
    {
        using var folder = new SessionFolder();
        using ModelSession looping = folder.Load(OnnxBuilder.SumOfZeros(0, loops: true), ownRunBytes: 40_000_000);

        foreach (long zeros in new[] { 3_000_000, 3_500_000, 4_000_000, 4_500_000 })
        {
            Tensor k = Tensor.OfBytes("k", Datatype.Int64, [1], BitConverter.GetBytes(zeros));
            Assert.Equal(0f, MemoryMarshal.Read<float>(looping.Run([k])[0].Data.Span));
        }
    }

    [Fact]
    public async Task GetAsync_AGraphThatLoops_CountsItsOwnMemoryOfRuns()
    {
        using var kit = new ScoringKit();
        VersionEntry version = kit.Add("m", OnnxBuilder.SumOfZeros(0, loops: true), memory: 45 << 20);

        (await kit.Sessions.GetAsync(ModelName.Parse("m"), version, Cancellation)).Dispose();

        Assert.Equal((45 << 20) + RunMemory.OwnShare, kit.Sessions.Watch.OpenBytes);
    }
}
