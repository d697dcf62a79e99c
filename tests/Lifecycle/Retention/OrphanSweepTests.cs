using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Retention;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Routing;
using Modeldrop.Storage;
using Modeldrop.Tests.Lifecycle.Operations;
using Modeldrop.Tests.Predictions;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Lifecycle.Retention;

/// <summary>Orphans are deleted; everything that belongs to something stays, even if it is new.</summary>
public sealed class OrphanSweepTests(AzuriteFixture azurite)
{
    private readonly RegistryKit _kit = new(azurite);
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_DataOfDeadOperations_AreDeleted()
    {
        await _kit.StageAsync("dead", "one");
        await _kit.StageAsync("alive", "two");
        int version = await _kit.RegisterAsync("registered", "three");
        await PutAsync(BlobContainers.Models, "flights/7/model.onnx");
        await PutAsync(BlobContainers.Models, "nobody/1/model.onnx");
        await PutAsync(BlobContainers.Datasets, "january/00ff.csv");
        await PutAsync(BlobContainers.Datasets, "january/aa.csv");
        await _kit.Datasets.RegisterAsync(
            new DatasetRegistration(DatasetName.Parse("january"), "aa", 1, ["x"], 1) { File = "january/aa.csv" }, Token);
        await CountAsync("dead");
        await CountAsync("alive");

        Assert.True((await RunAsync()).IsEmpty);
        var queue = new WorkflowQueue(_kit.Account);
        await queue.EnterAsync(RegistryKit.Flights, Ids.Operation("dead"), Token);
        await queue.EnterAsync(ModelName.Parse("other"), Ids.Operation("alive"), Token);
        WorkSlots slots = Slots();
        await slots.EnterAsync(SlotPool.Registration, Ids.Operation("alive"), _clock.GetUtcNow(), Token);
        await slots.EnterAsync(SlotPool.Batch, Ids.Operation("ended"), _clock.GetUtcNow(), Token);
        _clock.Advance(TimeSpan.FromDays(2));
        SweepResult result = await RunAsync();

        // The staged files of 'registered' are left too, because it ended without its last step.
        Assert.Equal(new SweepResult(Operations: 2, VersionFolders: 2, LogBlobs: 0, QueueEntries: 2, RolloutCounters: 1, DatasetFiles: 1),
            result);
        string alive = $"{Ids.Operation("alive")}/";
        Assert.All(await _kit.BlobsAsync(BlobContainers.Staging), name => Assert.StartsWith(alive, name, StringComparison.Ordinal));
        Assert.All(
            await _kit.BlobsAsync(BlobContainers.Models), name => Assert.StartsWith($"flights/{version}/", name, StringComparison.Ordinal));
        Assert.Equal(["january/aa.csv"], await _kit.BlobsAsync(BlobContainers.Datasets));
        Assert.Equal([Ids.Operation("alive")], (await queue.ListAllAsync(Token)).SelectMany(one => one.Operations));
        Assert.Equal([Ids.Operation("alive")], (await slots.ListAsync(SlotPool.Registration, Token)).Select(entry => entry.Operation));
        Assert.Empty(await slots.ListAsync(SlotPool.Batch, Token));
        Assert.True((await RunAsync()).IsEmpty);
    }

    [Fact]
    public async Task Run_LogBlobsWithoutARow_AreDeleted()
    {
        var world = new LogWorld(azurite);
        using PredictionLog log = await world.StartLogAsync(new PredictionOptions { MaxRecordBytes = 1_000 }, account: _kit.Account);
        ScoredRequest large = LogWorld.Request(log, inputs: [LogWorld.Floats("x", [1, 2_000], new float[2_000])]);
        log.Append(large);
        await log.StopAsync(Token);
        string kept = Assert.Single(await _kit.BlobsAsync(BlobContainers.Predictions));
        await PutAsync(BlobContainers.Predictions, $"{kept[..24]}/00000000.arrow");
        _clock.Advance(TimeSpan.FromDays(30));

        SweepResult result = await RunAsync();

        Assert.Equal(1, result.LogBlobs);
        Assert.Equal([kept], await _kit.BlobsAsync(BlobContainers.Predictions));
        Assert.NotNull(await new PredictionStore(_kit.Account).FindAsync(large.Id, Token));
    }

    [Fact]
    public async Task DeleteBefore_AnInstant_DeletesWholeHoursOfAllModels()
    {
        var world = new LogWorld(azurite);
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 10, 30, 0, TimeSpan.Zero));
        List<ScoredRequest> requests = [];
        using (PredictionLog log = await world.StartLogAsync(new PredictionOptions { MaxRecordBytes = 1_000 }, clock, _kit.Account))
        {
            for (int hour = 0; hour < 3; hour++)
            {
                foreach (string model in (string[])["flights", "penguins"])
                {
                    requests.Add(
                        LogWorld.Request(log, model: ModelName.Parse(model), inputs: [LogWorld.Floats("x", [1, 1_000], new float[1_000])]));
                    log.Append(requests[^1]);
                }

                await log.FlushAsync(Token);
                clock.Advance(TimeSpan.FromHours(1));
            }

            await log.StopAsync(Token);
        }

        var store = new PredictionStore(_kit.Account);
        using StorageMeter meter = StorageMeter.Start();
        (int packs, int blobs) = await store.DeleteBeforeAsync(new DateTimeOffset(2026, 3, 1, 12, 10, 0, TimeSpan.Zero), Token);

        Assert.Equal((4, 4), (packs, blobs));
        Assert.InRange(meter.Transactions, 8, 30);
        Assert.Equal(
            [false, false, false, false, true, true],
            await requests.ToAsyncEnumerable().Select(async (request, token) => await store.FindAsync(request.Id, token) is not null)
                .ToListAsync(Token));
        Assert.Equal((0, 0), await store.DeleteBeforeAsync(new DateTimeOffset(2026, 3, 1, 12, 10, 0, TimeSpan.Zero), Token));
    }

    private async Task PutAsync(string container, string name) =>
        await _kit.Account.Container(container).GetBlobClient(name).UploadAsync(new BinaryData("x"), Token);

    private Task CountAsync(string operation) => new RolloutCounterStore(_kit.Account).WriteAsync(
        Ids.Operation(operation), "writer", new Dictionary<int, VersionCounts> { [1] = VersionCounts.None with { Requests = 1 } }, Token);

    private WorkSlots Slots() => new(_kit.Account, Options.Create(new LifecycleOptions()));

    private Task<SweepResult> RunAsync() => new OrphanSweep(
        _kit.Store, _kit.Versions, _kit.Staging, new PredictionStore(_kit.Account), new WorkflowQueue(_kit.Account), Slots(),
        new DeadWorkflows(new WorkflowQueue(_kit.Account), Slots(), _kit.Service), new RolloutCounterStore(_kit.Account), _kit.Datasets,
        Options.Create(new RetentionOptions()), _clock, NullLogger<OrphanSweep>.Instance)
        .RunAsync(new RecordedOperations(Ids.Operation("alive")), Token);
}
