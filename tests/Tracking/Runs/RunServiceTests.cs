using Modeldrop.Errors;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tests.Tracking.Runs;

public sealed class RunServiceTests(AzuriteFixture azurite)
{
    private static readonly Dictionary<string, string> None = [];

    private readonly TrackingKit _kit = new(azurite);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Log_Batch_KeepsLastValuesAndHistory()
    {
        Run run = await _kit.RunAsync();
        MetricPoint[] points = [new("auc", 0.7, 100, 1), new("auc", 0.9, 200, 2), new("auc", 0.8, 150, 2), new("loss", -1, -5, -3)];
        var batch = new RunBatch(
            points, new Dictionary<string, string> { ["depth"] = "3" }, new Dictionary<string, string> { ["a"] = "b" });

        await _kit.Runs.LogAsync(run.Id, batch, TrackingKit.Ann, Cancellation);
        await _kit.Runs.LogAsync(run.Id, batch, TrackingKit.Ann, Cancellation);

        Run after = await _kit.Runs.GetAsync(run.Id, TrackingKit.Ann, Cancellation);
        Assert.Equal(0.9, after.Metrics["auc"].Value);
        Assert.Equal("3", after.Params["depth"]);
        Assert.Equal("b", after.Tags["a"]);
        Assert.Equal(
            [0.7, 0.8, 0.9], (await _kit.Runs.HistoryAsync(run.Id, "auc", TrackingKit.Ann, Cancellation)).Select(point => point.Value));
        Assert.Empty(await _kit.Runs.HistoryAsync(run.Id, "au", TrackingKit.Ann, Cancellation));
    }

    [Fact]
    public async Task Log_PointAgainForEachModel_KeepsThePointOfTheRun()
    {
        Run run = await _kit.RunAsync();
        var point = new MetricPoint("auc", 0.8, 100, 1);
        LoggedModel first = await _kit.LoggedAsync(run.Id);
        LoggedModel second = await _kit.LoggedAsync(run.Id);

        foreach (string? model in (string?[])[null, first.Id, second.Id, second.Id])
        {
            await _kit.Runs.LogAsync(run.Id, new RunBatch([point with { ModelId = model }], None, None), TrackingKit.Ann, Cancellation);
        }

        IReadOnlyList<MetricPoint> history = await _kit.Runs.HistoryAsync(run.Id, "auc", TrackingKit.Ann, Cancellation);
        Assert.Equal(point, history[0]);
        Assert.Equal(
            [point with { ModelId = first.Id }, point with { ModelId = second.Id }],
            history.Skip(1).OrderBy(one => one.ModelId == second.Id));
        Assert.Equal(point, (await _kit.Runs.GetAsync(run.Id, TrackingKit.Ann, Cancellation)).Metrics["auc"]);
        Assert.Equal(0.8, (await _kit.Models.GetAsync(second.Id, TrackingKit.Ann, Cancellation)).Metrics["auc"].Value);
    }

    [Fact]
    public async Task Log_AnotherValueOfAParameter_ChangesNothing()
    {
        Run run = await _kit.RunAsync();
        await LogAsync(run, "depth", "3");

        var exception = await Assert.ThrowsAsync<ServiceException>(() => LogAsync(run, "depth", "4"));

        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
        Assert.Equal("3", (await _kit.Runs.GetAsync(run.Id, TrackingKit.Ann, Cancellation)).Params["depth"]);
    }

    [Fact]
    public async Task Log_ManyAtOnce_LosesNoValue()
    {
        Run run = await _kit.RunAsync();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(number => LogAsync(run, $"p{number}", "x")));

        Assert.Equal(12, (await _kit.Runs.GetAsync(run.Id, TrackingKit.Ann, Cancellation)).Params.Count);
    }

    [Fact]
    public async Task Log_MoreThanARunHolds_IsRefused()
    {
        Run run = await _kit.RunAsync();
        Dictionary<string, string> many = Enumerable.Range(0, 200).ToDictionary(number => $"p{number}", _ => new string('x', 8_000));

        var exception = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Runs.LogAsync(run.Id, new RunBatch([], many, None), TrackingKit.Ann, Cancellation));

        Assert.Equal(ErrorCode.PayloadTooLarge, exception.Code);
    }

    [Fact]
    public async Task OfAnotherOwner_CallerForSomeModels_SeesNothing()
    {
        Run anns = await _kit.RunAsync();
        Run bobs = await _kit.RunAsync(TrackingKit.Bob);
        var folder = ArtifactPath.OfRun("0", anns.Id);

        Assert.Equal([bobs.Id], (await _kit.Runs.ListAsync(null, TrackingKit.Bob, Cancellation)).Select(run => run.Id));
        Assert.Equal(2, (await _kit.Runs.ListAsync(["0"], TrackingKit.Ann, Cancellation)).Count);
        await ForbiddenAsync(() => _kit.Runs.GetAsync(anns.Id, TrackingKit.Bob, Cancellation));
        await ForbiddenAsync(() => _kit.PutAsync(folder, "a", "b", TrackingKit.Bob));
        await ForbiddenAsync(() => _kit.Artifacts.ListAsync(folder, TrackingKit.Bob, Cancellation));
        await ForbiddenAsync(() => _kit.Artifacts.OpenAsync(folder.At("a"), TrackingKit.Bob, Cancellation));
        await ForbiddenAsync(() => _kit.Sources.ReadAsync($"runs:/{anns.Id}/m", null, default, TrackingKit.Bob, Cancellation));
        await _kit.PutAsync(ArtifactPath.OfRun("0", bobs.Id), "a", "b", TrackingKit.Bob);
    }

    [Fact]
    public async Task Create_ExperimentWithAnExistingName_IsRefusedAndListedOnce()
    {
        Experiment first = await _kit.Experiments.CreateAsync("late", None, TrackingKit.Ann, Cancellation);

        var exception = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Experiments.CreateAsync("late", None, TrackingKit.Ann, Cancellation));

        Assert.Equal(ErrorCode.AlreadyExists, exception.Code);
        Assert.Equal(first.Id, (await _kit.Experiments.GetByNameAsync("late", Cancellation)).Id);
        Assert.Equal([first.Id, "0"], (await _kit.Experiments.ListAsync(Cancellation)).Select(experiment => experiment.Id));
    }

    [Fact]
    public async Task Get_ExperimentZero_ExistsBeforeAndAfterAChange()
    {
        Assert.Equal("Default", (await _kit.Experiments.GetAsync("0", Cancellation)).Name);
        await _kit.Experiments.ChangeAsync("0", one => one with { Tags = one.Tags.SetItem("a", "b") }, TrackingKit.Ann, Cancellation);

        Assert.Equal("b", (await _kit.Experiments.GetByNameAsync("Default", Cancellation)).Tags["a"]);
        await ForbiddenAsync(() => _kit.Experiments.ChangeAsync("0", one => one, TrackingKit.Bob, Cancellation));
    }

    [Fact]
    public async Task LoggedModel_Deleted_IsGone()
    {
        LoggedModel model = await _kit.LoggedAsync();
        await _kit.Models.ChangeAsync(model.Id, one => one with { Deleted = true }, TrackingKit.Ann, Cancellation);

        Assert.Null(await _kit.Models.FindAsync(model.Id, Cancellation));
        Assert.Empty(await _kit.Models.ListAsync(["0"], TrackingKit.Ann, Cancellation));
    }

    private Task LogAsync(Run run, string key, string value) => _kit.Runs.LogAsync(
        run.Id, new RunBatch([], new Dictionary<string, string> { [key] = value }, None), TrackingKit.Ann, Cancellation);

    private static async Task ForbiddenAsync(Func<Task> call) =>
        Assert.Equal(ErrorCode.Forbidden, (await Assert.ThrowsAsync<ServiceException>(call)).Code);
}
