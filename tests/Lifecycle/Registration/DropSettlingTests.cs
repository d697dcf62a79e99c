using Modeldrop.Drops;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Lifecycle.Registration;

public sealed class DropSettlingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static readonly RegistryOptions Options =
        new() { SettleTime = TimeSpan.FromSeconds(2), MissingFilesTimeout = TimeSpan.FromMinutes(10) };

    [Theory]
    [InlineData(0, DropState.Waiting)]
    [InlineData(1.9, DropState.Waiting)]
    [InlineData(2, DropState.Settled)]
    public void Decide_OnlyAModel_WaitsForTheQuietPeriod(double seconds, DropState state)
    {
        DropDecision decision = Decide(Folder(seconds, null, ("model.onnx", 0)));

        Assert.Equal(state, decision.State);
        Assert.Equal(state == DropState.Waiting ? Noon.AddSeconds(2) : null, decision.LookAgainAt);
        Assert.Equal(state == DropState.Waiting ? ["Waiting until no file has arrived in its folder for 2 s."] : [], decision.Reasons);
    }

    [Fact]
    public void Decide_CompanionAfterTheModel_RestartsTheQuietPeriod()
    {
        DropDecision decision = Decide(Folder(3, null, ("model.json", -1), ("model.onnx", 0), ("reference.csv", 2)));

        Assert.Equal((DropState.Waiting, Noon.AddSeconds(4)), (decision.State, decision.LookAgainAt));
        Assert.Equal(DropState.Settled, Decide(Folder(4, null, ("model.json", -1), ("model.onnx", 0), ("reference.csv", 2))).State);
    }

    [Fact]
    public void Decide_ByHttp_NeverWaits()
    {
        Assert.Equal(DropState.Settled, Decide(Folder(0, null, ("model.onnx", 0)), isUpload: true).State);

        DropDecision missing = Decide(
            Folder(0, ["validation.csv"], ("model.json", 0), ("model.onnx", 0)), ["model.onnx.data"], isUpload: true);
        Assert.Equal(DropState.GaveUp, missing.State);
        Assert.Equal(
            [
                "'model.onnx.data' is missing: the graph names it as external data. Send it in the form, with the model.",
                "'validation.csv' is missing: model.json lists it. Send it in the form, with the model.",
            ],
            missing.Reasons);
    }

    [Fact]
    public void Decide_ListedCompanions_WaitsForTheseOnly()
    {
        string[] listed = ["reference.csv", "validation.csv"];

        DropDecision waiting = Decide(Folder(100, listed, ("model.json", 0), ("model.onnx", 0), ("reference.csv", 0)));
        DropDecision settled = Decide(
            Folder(100, listed, ("model.json", 0), ("model.onnx", 0), ("reference.csv", 0), ("validation.csv", 100)));

        Assert.Equal(DropState.Waiting, waiting.State);
        Assert.Equal(["Waiting for 'validation.csv' until 2026-01-31 12:10:00Z."], waiting.Reasons);
        Assert.Equal(DropState.Settled, settled.State);
        Assert.Equal(DropState.Settled, Decide(Folder(0, [], ("model.json", 0), ("model.onnx", 0))).State);
    }

    [Theory]
    [InlineData(0, DropState.Settled)]
    [InlineData(-1, DropState.Waiting)]
    public void Decide_ReadyOlderThanTheModel_IsIgnored(double seconds, DropState state) =>
        Assert.Equal(state, Decide(Folder(1, null, ("model.onnx", 0), ("_READY", seconds))).State);

    [Theory]
    [InlineData(5, 6.25)]
    [InlineData(1, 2)]
    [InlineData(300, 360)]
    [InlineData(590, 600)]
    public void Decide_ExternalDataMissing_IsCheckedAtGrowingIntervals(double seconds, double next)
    {
        DropDecision decision = Decide(Folder(seconds, null, ("model.onnx", 0), ("_READY", 0)), ["model.onnx.data"]);

        Assert.Equal((DropState.Waiting, Noon.AddSeconds(next)), (decision.State, decision.LookAgainAt));
    }

    [Fact]
    public void Decide_MissingBeyondTheLimit_GivesUpWithTheNamesUnlessFilesStillArrive()
    {
        DropDecision decision = Decide(Folder(600, ["card.md"], ("model.json", 0), ("model.onnx", 0)), ["model.onnx.data"]);

        Assert.Equal(DropState.GaveUp, decision.State);
        Assert.Equal(
            [
                "'card.md' is missing: model.json lists it, and it has not arrived within 00:10:00. Upload it, then drop the model again.",
                "'model.onnx.data' is missing: the graph names it as external data, and it has not arrived within 00:10:00. Upload it, "
                    + "then drop the model again.",
            ],
            decision.Reasons);
        Assert.Equal(DropState.Waiting, Decide(Folder(600, ["card.md"], ("model.json", 0), ("model.onnx", 0), ("reference.csv", 1))).State);
    }

    private static DropDecision Decide(DropFolder folder, string[]? external = null, bool isUpload = false) =>
        DropSettling.Decide(folder, "model.onnx", external ?? [], isUpload, Options);

    private static DropFolder Folder(double seconds, string[]? companions, params (string Name, double Seconds)[] files) => new(
        [.. files.Select(file => new DropFile(file.Name, Noon.AddSeconds(file.Seconds), file.Name))], companions, Noon.AddSeconds(seconds));
}
