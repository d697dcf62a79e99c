using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Registry;

/// <summary>The events of all models in one order: a reader that continues from its cursor misses none and gets none twice.</summary>
public sealed class RegistryFeedTests(AzuriteFixture azurite)
{
    private const int Writers = 6;
    private const int Appends = 40;

    private static readonly string[] Models = ["alpha", "alpha-b", "beta", "gamma", "$drop"];

    private readonly RegistryKit _kit = new(azurite);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_WhileManyWrite_ReturnsEachEventOnce()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Task<List<FeedEntry>>[] readers = [.. Enumerable.Range(0, 3).Select(reader => FollowAsync(17 + reader, stop.Token))];

        // Each writer acts as a separate process, so that they race for a model's head.
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            var store = new RegistryStore(_kit.Account, TimeProvider.System);
            for (int append = 0; append < Appends; append++)
            {
                int count = 1 + (append % 4);
                string model = Models[(writer + append) % Models.Length];
                await store.AppendAsync(ModelName.FindStored(model)!.Value, _ =>
                    [.. Enumerable.Range(0, count).Select(part => Refused($"{writer}/{append}/{part}"))], Cancelled);
            }
        }));
        await stop.CancelAsync();

        string[] written = await Models.Select(model => ModelName.FindStored(model)!.Value).ToAsyncEnumerable()
            .SelectMany(model => _kit.Store.ReadEventsAsync(model, null, null, Cancelled).Select(happened => TextOf(model, happened)))
            .ToArrayAsync(Cancelled);
        Assert.Equal(Writers * Appends * 10 / 4, written.Length);
        foreach (List<FeedEntry> got in await Task.WhenAll(readers))
        {
            Assert.Equal(Enumerable.Range(1, written.Length).Select(position => (long)position), got.Select(entry => entry.Position));
            Assert.Equal(
                written.Order(StringComparer.Ordinal),
                got.Select(entry => TextOf(entry.Model, entry.Event)).Order(StringComparer.Ordinal));
            Assert.All(got.GroupBy(entry => entry.Model), model => Assert.Equal(
                Enumerable.Range(1, model.Count()).Select(number => (long)number), model.Select(entry => entry.Event.Sequence)));
        }
    }

    [Fact]
    public async Task Place_AnAppendOfTheMostEvents_FitsIntoATransaction()
    {
        RegistryEvent[] events = [.. Enumerable.Range(0, RegistryStore.MaxEventsPerAppend).Select(number => Refused($"{number}"))];
        await _kit.Store.AppendAsync(RegistryKit.Flights, _ => events, Cancelled);
        await _kit.Store.AppendAsync(RegistryKit.Flights, _ => events, Cancelled);
        var feed = new RegistryFeed(_kit.Account);

        await feed.PlaceAsync(Cancelled);

        Assert.Equal(2 * events.Length, await feed.EndAsync(Cancelled));
        Assert.Equal(2 * events.Length, (await feed.ReadAsync(0, 2 * events.Length, Cancelled)).Count);
    }

    [Fact]
    public async Task Place_LargeEvents_AreSplitIntoTransactions()
    {
        string reason = new('x', 400 * 1024);
        for (int number = 0; number < 12; number++)
        {
            await _kit.Store.AppendAsync(
                ModelName.Parse($"m{number}"), _ => [new DropRejected("a", [reason]) { Actor = Actor.System }], Cancelled);
        }

        var feed = new RegistryFeed(_kit.Account);
        await feed.PlaceAsync(Cancelled);

        IReadOnlyList<FeedEntry> entries = await feed.ReadAsync(0, await feed.EndAsync(Cancelled), Cancelled);
        Assert.Equal(12, entries.Count);
        Assert.All(entries, entry => Assert.Equal(reason, ((DropRejected)entry.Event).Reasons[0]));
    }

    private async Task<List<FeedEntry>> FollowAsync(int step, CancellationToken stopped)
    {
        var feed = new RegistryFeed(_kit.Account);
        List<FeedEntry> got = [];
        for (bool last = false, done = false; !done; done = last)
        {
            last = stopped.IsCancellationRequested;
            await feed.PlaceAsync(Cancelled);
            for (long end = await feed.EndAsync(Cancelled); got.Count < end;)
            {
                got.AddRange(await feed.ReadAsync(got.Count, Math.Min(end, got.Count + step), Cancelled));
            }
        }

        return got;
    }

    private static DropRejected Refused(string text) => new(text, ["no"]) { Actor = Actor.System };

    private static string TextOf(ModelName model, RegistryEvent happened) => $"{model} {happened.Sequence} {((DropRejected)happened).Path}";
}
