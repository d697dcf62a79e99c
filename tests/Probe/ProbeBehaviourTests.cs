using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Probe;
using Modeldrop.Probe.Child;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tests.Scoring;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Tests.Probe;

public sealed class ProbeBehaviourTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ProbeService _probe = ProbeFixture.Service();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _probe.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(100)]
    [InlineData(2)]
    public async Task Score_SumsOfUnalignedRows_ProveNothingForBatches(int rows)
    {
        // 28 bytes per row, so that only every fourth row is aligned. The file's whole numbers have the same sum in any order.
        ScoreFigures figures = await FiguresAsync(SameBitsTests.ReduceSum(7, "Relu"), rows);

        Assert.True(figures.IsDeterministic);
        Assert.True(figures.IsDeterministicOverThreads);
        Assert.True(figures.IsServedAsAlone);
        Assert.False(figures.IsBatchInvariant);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(2)]
    public async Task Score_SumsOfAlignedRows_ProveBatches(int rows)
    {
        ScoreFigures figures = await FiguresAsync(SameBitsTests.ReduceSum(16, "Relu"), rows, width: 16);

        Assert.Equal((true, true, true), (figures.IsDeterministic, figures.IsServedAsAlone, figures.IsBatchInvariant));
    }

    [Fact]
    public async Task Score_AnInputThatIsAnOutput_GetsTheSameBitsWhenServed()
    {
        byte[] type = OnnxBuilder.TensorType(TensorElementType.Float, -1, 7);
        byte[] model = new OnnxBuilder().Input("x", type).Output("y", type).Output("x", type).Node("Relu", ["x"], ["y"]).Build();

        ScoreFigures figures = await FiguresAsync(model, 10);

        Assert.Equal((true, true, true), (figures.IsDeterministic, figures.IsServedAsAlone, figures.IsBatchInvariant));
    }

    [Fact]
    public async Task Score_WithoutData_GetsTheSameBitsOnGeneratedRows()
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "model.onnx"), SameBitsTests.ReduceSum(7), Token);

        ScoreOutcome outcome = await _probe.ScoreAsync(_folder.Path, new ScoreRequest { ChecksBehaviour = true }, Token);

        Assert.Empty(outcome.Reasons);
        Assert.True(outcome.Figures!.IsServedAsAlone);
    }

    [Fact]
    public async Task Score_RandomAnswers_AreNotCompared()
    {
        byte[] type = OnnxBuilder.TensorType(TensorElementType.Float, -1, 7);
        byte[] model = new OnnxBuilder().Input("x", type).Output("y", type).Node("RandomNormalLike", ["x"], ["y"]).Build();

        ScoreFigures figures = await FiguresAsync(model, 10);

        Assert.False(figures.IsDeterministic);
        Assert.Null(figures.IsServedAsAlone);
    }

    [Fact]
    public void IsSame_AnAnswerOfZeros_IsDetected()
    {
        using var models = new SessionFolder();
        using ModelSession session = models.Load(OnnxBuilder.Identity(TensorElementType.Float, -1, 7));
        IReadOnlyList<Tensor>[] requests = [BehaviourRows.Made(session.Signature, 1), BehaviourRows.Made(session.Signature, 3)];
        IReadOnlyList<Tensor>[] alone = [.. requests.Select(session.RunUnbound)];

        Assert.True(ProbeServing.IsSame(session.Run, requests, alone));
        Assert.False(
            ProbeServing.IsSame(request => request[0].Shape[0] == 1 ? session.Run(request) : [Zeros(request[0])], requests, alone));
    }

    private static Tensor Zeros(Tensor x) => Tensor.OfBytes("y", x.Datatype, x.Shape, new byte[x.Data.Length]);

    private async Task<ScoreFigures> FiguresAsync(byte[] model, int rows, int width = 7)
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "model.onnx"), model, Token);
        string header = string.Join(',', Enumerable.Range(0, width).Select(column => $"x_{column}"));
        IEnumerable<string> lines = Enumerable.Range(3, rows).Select(
            row => string.Join(',', Enumerable.Range(1, width).Select(column => row * column % 23)));
        string data = _folder.Write("validation.csv", string.Join('\n', lines.Prepend(header)) + "\n");
        ScoreOutcome outcome = await _probe.ScoreAsync(_folder.Path, new ScoreRequest { DataFile = data, ChecksBehaviour = true }, Token);
        Assert.Empty(outcome.Reasons);
        return outcome.Figures!;
    }
}
