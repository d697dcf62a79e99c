using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Registry;

public sealed class RegistryStoreTests(AzuriteFixture azurite)
{
    private static readonly Actor Ann = new("ann", "because");

    private readonly RegistryKit _kit = new(azurite);

    private RegistryStore Store => _kit.Store;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AppendAsync_NewModel_WritesHeadEventsAndRevision()
    {
        Assert.Null(await Store.ReadRevisionAsync(Cancelled));

        ModelHead head = await Store.AppendAsync(ModelName.Parse("flights"),
            _ => [
                new ModelDescribed("late", new Dictionary<string, string> { ["team"] = "ops" }) { Actor = Ann }, Registered(1)], Cancelled);

        Assert.Equal(2, head.Sequence);
        Assert.Equal(RegistryKit.Json(head), RegistryKit.Json((await Store.FindHeadAsync(RegistryKit.Flights, Cancelled))!));
        Assert.NotNull(await Store.ReadRevisionAsync(Cancelled));
        await _kit.AssertHeadIsSumOfEventsAsync("flights");
        RegistryEvent first = (await _kit.EventsAsync())[0];
        var described = Assert.IsType<ModelDescribed>(first);
        Assert.Equal(("late", "ops", Ann), (described.Description, described.Tags!["team"], described.Actor));
        Assert.Equal(_kit.Clock.GetUtcNow(), first.At);
    }

    [Fact]
    public async Task AppendAsync_EveryAppend_ChangesTheRevision()
    {
        var revisions = new HashSet<string?>();
        for (int version = 1; version <= 5; version++)
        {
            await Store.AppendAsync(ModelName.Parse($"m{version % 2}"), head => [Registered(head.Versions.Length + 1)], Cancelled);
            Assert.True(revisions.Add(await Store.ReadRevisionAsync(Cancelled)));
        }
    }

    [Fact]
    public async Task AppendAsync_NothingDecided_WritesNothing()
    {
        await Store.AppendAsync(ModelName.Parse("flights"), _ => [Registered(1)], Cancelled);
        string? revision = await Store.ReadRevisionAsync(Cancelled);

        ModelHead head = await Store.AppendAsync(ModelName.Parse("flights"), _ => [], Cancelled);

        Assert.Equal(1, head.Sequence);
        Assert.Equal(revision, await Store.ReadRevisionAsync(Cancelled));
    }

    [Fact]
    public async Task AppendAsync_HeadChangedBetweenReadAndWrite_DecidesAgainOnTheNewHead()
    {
        var seen = new List<long>();
        ModelHead head = await Store.AppendAsync(ModelName.Parse("flights"), current =>
        {
            seen.Add(current.Sequence);
            if (seen.Count <= 2)
            {
                // A writer of another process gets in between our read and our write: with a new model first, then with a changed one.
                InterfereAsync().GetAwaiter().GetResult();
            }

            return [Registered(current.Versions.Length + 1)];
        }, Cancelled);

        Assert.Equal([0, 1, 2], seen);
        Assert.Equal(3, head.Versions.Length);
        await _kit.AssertHeadIsSumOfEventsAsync("flights");

        Task InterfereAsync() => OtherProcess().AppendAsync(
            ModelName.Parse("flights"), current => [Registered(current.Versions.Length + 1)], Cancelled);
    }

    [Fact]
    public async Task AppendAsync_LosesEveryRace_IsAConflict()
    {
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() => Store.AppendAsync(ModelName.Parse("flights"), head =>
        {
            OtherProcess().AppendAsync(ModelName.Parse("flights"), _ => [new ModelArchived(true) { Actor = Ann }], Cancelled).GetAwaiter()
                .GetResult();
            return [Registered(1)];
        }, Cancelled));

        Assert.Equal(ErrorCode.RegistryConflict, exception.Code);
    }

    private RegistryStore OtherProcess() => new(_kit.Account, _kit.Clock);

    [Fact]
    public async Task AppendAsync_ClockSetBack_KeepsTheOrder()
    {
        await Store.AppendAsync(ModelName.Parse("flights"), _ => [Registered(1)], Cancelled);
        var behind = new FakeTimeProvider(_kit.Clock.GetUtcNow().AddMinutes(-5));

        ModelHead head = await new RegistryStore(_kit.Account, behind).AppendAsync(
            ModelName.Parse("flights"), _ => [Registered(2)], Cancelled);

        Assert.Equal(_kit.Clock.GetUtcNow(), head.UpdatedAt);
        await _kit.AssertHeadIsSumOfEventsAsync("flights");
    }

    [Fact]
    public async Task AppendOnceAsync_Repeated_SeesOnlyItsOwnEvents()
    {
        await Store.AppendAsync(ModelName.Parse("flights"), _ => [Registered(1) with { Actor = RegistryKit.By("other") }], Cancelled);
        var own = new List<int>();
        for (int repeat = 0; repeat < 3; repeat++)
        {
            await Store.AppendOnceAsync(ModelName.Parse("flights"), Ids.Operation("mine"), (_, mine) =>
            {
                own.Add(mine.Count);
                return mine.Count > 0 ? [] : [new ModelArchived(true) { Actor = RegistryKit.By("mine") }];
            }, Cancelled);
        }

        Assert.Equal([0, 1, 1], own);
        Assert.Equal(2, (await _kit.EventsAsync()).Count);
    }

    [Fact]
    public async Task ReadEventsAsync_NamesThatArePrefixesOfOthers_DoNotMix()
    {
        string[] names = ["a", "a-b", "a.b", "a_b", "ab", "a0", "b"];
        foreach (string name in names)
        {
            await Store.AppendAsync(ModelName.Parse(name), _ => [new ModelDescribed(name, null) { Actor = Ann }], Cancelled);
        }

        await Store.AppendAsync(ModelName.Unnamed, _ => [new DropRejected("x.onnx", ["why"]) { Actor = Ann }], Cancelled);

        foreach (string name in names)
        {
            RegistryEvent single = Assert.Single(await _kit.EventsAsync(name));
            Assert.Equal(name, ((ModelDescribed)single).Description);
        }

        Assert.IsType<DropRejected>(Assert.Single(
            await Store.ReadEventsAsync(ModelName.Unnamed, null, null, Cancelled).ToListAsync(Cancelled)));
        Assert.Equal(names.Order(StringComparer.Ordinal), (await Store.ListHeadsAsync(Cancelled)).Select(head => head.Name.Value));
    }

    /// <summary>Two first drops may pass the check of names at the same time.</summary>
    [Fact]
    public async Task AppendAsync_NameThatDiffersOnlyInCase_IsRefusedOnceTheOtherIsAModel()
    {
        // A refused drop creates no model.
        await Store.AppendAsync(ModelName.Parse("FLIGHTS"), _ => [new DropRejected("x.onnx", ["why"]) { Actor = Ann }], Cancelled);
        await Store.AppendAsync(ModelName.Parse("flights"), _ => [Registered(1)], Cancelled);

        ServiceException refused = await Assert.ThrowsAsync<ServiceException>(
            () => OtherProcess().AppendAsync(ModelName.Parse("Flights"), _ => [Registered(1)], Cancelled));

        Assert.Equal(ErrorCode.InvalidRequest, refused.Code);
        Assert.StartsWith(
            "There is a model 'flights', whose name differs from 'Flights' only in case.", refused.Message, StringComparison.Ordinal);
        Assert.Equal("flights", Assert.Single(await Store.ListHeadsAsync(Cancelled)).Name.Value);
        await Store.AppendAsync(ModelName.Parse("flights"), _ => [Registered(2)], Cancelled);
    }

    [Fact]
    public async Task ReadEventsAsync_Window_IncludesFromAndExcludesTo()
    {
        DateTimeOffset start = _kit.Clock.GetUtcNow();
        for (int minute = 0; minute < 5; minute++)
        {
            await Store.AppendAsync(ModelName.Parse("flights"), head => [Registered(head.Versions.Length + 1)], Cancelled);
            _kit.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        List<long> window = await Store.ReadEventsAsync(ModelName.Parse("flights"), start.AddMinutes(1), start.AddMinutes(3), Cancelled)
            .Select(happened => happened.Sequence).ToListAsync(Cancelled);

        Assert.Equal([2, 3], window);
    }

    [Fact]
    public async Task ReadEventsAsync_MoreThanAPage_ReadsAll()
    {
        for (int append = 0; append < 14; append++)
        {
            await Store.AppendAsync(ModelName.Parse("flights"),
                head => [.. Enumerable.Range(head.Versions.Length + 1, RegistryStore.MaxEventsPerAppend).Select(Registered)], Cancelled);
        }

        Assert.Equal(14 * RegistryStore.MaxEventsPerAppend, (await _kit.EventsAsync()).Count);
        await _kit.AssertHeadIsSumOfEventsAsync("flights");
    }

    [Fact]
    public async Task AppendAsync_FiveThousandVersions_FitIntoTheHead()
    {
        // Only the last few appends are real; the earlier versions are added at once, as their events would have made them.
        ModelHead large = Enumerable.Range(1, 5_000).Aggregate(ModelHead.Empty(ModelName.Parse("flights")), (head, version) =>
            head.Apply(Registered(version) with { Sequence = version, At = _kit.Clock.GetUtcNow().AddTicks(version * 98_765_432_123) }));
        await _kit.Account.Table(TableNames.Registry).AddEntityAsync(RegistryRows.Head(large), Cancelled);

        ModelHead head = await Store.AppendAsync(
            ModelName.Parse("flights"), current => [Registered(current.Versions.Length + 1)], Cancelled);

        Assert.Equal(5_001, head.Versions.Length);
        Assert.Equal(RegistryKit.Json(head), RegistryKit.Json((await Store.FindHeadAsync(RegistryKit.Flights, Cancelled))!));
    }

    [Fact]
    public async Task FindHeadAsync_OnlyRejectedDrops_IsNull()
    {
        await Store.AppendAsync(
            ModelName.Parse("flights"), _ => [new DropRejected("flights/model.onnx", ["why"]) { Actor = Ann }], Cancelled);
        Assert.Null(await Store.FindHeadAsync(RegistryKit.Flights, Cancelled));
        Assert.Empty(await Store.ListHeadsAsync(Cancelled));

        _kit.Clock.Advance(TimeSpan.FromHours(1));
        await Store.AppendAsync(ModelName.Parse("flights"), _ => [Registered(1)], Cancelled);

        ModelHead head = (await Store.FindHeadAsync(RegistryKit.Flights, Cancelled))!;
        Assert.Equal((2L, _kit.Clock.GetUtcNow()), (head.Sequence, head.CreatedAt));
    }

    [Fact]
    public async Task FindHeadAsync_NoServer_IsStoreUnavailable()
    {
        var options = new StorageOptions { ConnectionString = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA;"
            + "BlobEndpoint=http://127.0.0.1:9/a;TableEndpoint=http://127.0.0.1:9/a" };
        var store = new RegistryStore(new StorageAccount(Options.Create(options)), _kit.Clock);

        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() => store.FindHeadAsync(RegistryKit.Flights, Cancelled));

        Assert.Equal(ErrorCode.StoreUnavailable, exception.Code);
    }

    // Different for each version, like real digests, because equal ones would compress too well.
    private static VersionRegistered Registered(int version) =>
        new(version, Hash($"digest {version}"), Hash($"model {version}")) { Actor = Ann };

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
