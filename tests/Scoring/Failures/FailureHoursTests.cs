using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Names;
using Modeldrop.Scoring.Failures;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Scoring.Failures;

/// <summary>Failed requests by hour, from the failing request to the sum over processes.</summary>
public sealed class FailureHoursTests(AzuriteFixture azurite)
{
    private const string Body = """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}""";

    private static readonly VersionName First = new(ModelName.Parse("m"), 1);
    private static readonly VersionName Second = new(ModelName.Parse("m"), 2);
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);
    private static readonly long Hour = FailureHours.HourOf(Noon);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FlushAsync_ManyProcesses_AddUpByVersionAndHour()
    {
        FailureStore store = await StoreAsync();
        var clock = new FakeTimeProvider(Noon);
        using var one = new Process(store, clock);
        using var two = new Process(store, clock);
        one.Count(First, Noon, 3);
        two.Count(First, Noon, 4);
        two.Count(First, Noon.AddHours(-1), 5);
        two.Count(Second, Noon, 100);

        await one.Flusher.FlushAsync(Cancellation);
        await two.Flusher.FlushAsync(Cancellation);
        one.Count(First, Noon.AddMinutes(1), 2);
        await one.Flusher.FlushAsync(Cancellation);
        await one.Flusher.FlushAsync(Cancellation);

        Assert.Equal(
            new Dictionary<long, long> { [Hour] = 9, [Hour - 1] = 5 }, await store.ReadAsync(First, Hour - 23, Hour + 1, Cancellation));
        Assert.Equal(new Dictionary<long, long> { [Hour] = 9 }, await store.ReadAsync(First, Hour, Hour + 1, Cancellation));
        Assert.Empty(await store.ReadAsync(First, Hour + 1, Hour + 2, Cancellation));
    }

    [Fact]
    public async Task FlushAsync_PastHour_IsReleasedFromMemoryAndStaysStored()
    {
        FailureStore store = await StoreAsync();
        var clock = new FakeTimeProvider(Noon);
        using var process = new Process(store, clock);
        process.Count(First, Noon, 3);
        await process.Flusher.FlushAsync(Cancellation);
        clock.Advance(TimeSpan.FromHours(2));

        await process.Flusher.FlushAsync(Cancellation);

        Assert.Empty(process.Counted);
        Assert.Equal(new Dictionary<long, long> { [Hour] = 3 }, await store.ReadAsync(First, Hour, Hour + 1, Cancellation));
    }

    [Fact]
    public async Task DeleteBeforeAsync_OldHours_KeepsTheOthers()
    {
        FailureStore store = await StoreAsync();
        using var process = new Process(store, new FakeTimeProvider(Noon));
        process.Count(First, Noon, 1);
        process.Count(First, Noon.AddDays(-31), 1);
        await process.Flusher.FlushAsync(Cancellation);

        await store.DeleteBeforeAsync(Noon.AddDays(-30), Cancellation);

        Assert.Equal(new Dictionary<long, long> { [Hour] = 1 }, await store.ReadAsync(First, 0, Hour + 1, Cancellation));
    }

    [Fact]
    public async Task Infer_VersionThatCannotBeLoaded_CountsAndABadRequestDoesNot()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity("first", TensorElementType.Float, -1));
        Assert.Equal(400, (await kit.InferAsync("m", """{"inputs":[]}""")).Status);
        Assert.Empty(kit.Sessions.Meters.FailureHours.List());
        kit.BeforeOpen = _ => Task.FromException(new IOException("no disk"));
        kit.Add("m", OnnxBuilder.Identity("second", TensorElementType.Float, -1));
        await kit.Router.RefreshAsync(Cancellation);

        Assert.InRange((await kit.InferAsync("m", Body, "2")).Status, 500, 599);

        (FailureHour hour, long count) = Assert.Single(kit.Sessions.Meters.FailureHours.List());
        Assert.Equal((Second, 1), (hour.Version, count));
    }

    private async Task<FailureStore> StoreAsync()
    {
        StorageAccount account = azurite.CreateAccount();
        await account.EnsureCreatedAsync(Cancellation);
        return new FailureStore(account);
    }

    private sealed class Process : IDisposable
    {
        private readonly FailureHours _hours = new();

        public Process(FailureStore store, TimeProvider clock) =>
            Flusher = new FailureFlusher(_hours, store, clock, NullLogger<FailureFlusher>.Instance);

        public FailureFlusher Flusher { get; }

        public IReadOnlyList<KeyValuePair<FailureHour, long>> Counted => _hours.List();

        public void Count(VersionName version, DateTimeOffset at, int times)
        {
            for (int i = 0; i < times; i++)
            {
                _hours.Count(version, at);
            }
        }

        public void Dispose() => Flusher.Dispose();
    }
}
