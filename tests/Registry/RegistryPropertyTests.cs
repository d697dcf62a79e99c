using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tests.Predictions;

namespace Modeldrop.Tests.Registry;

/// <summary>Concurrent writers lose nothing: the head is the sum of the events at any time and for every alias.</summary>
public sealed class RegistryPropertyTests(AzuriteFixture azurite)
{
    private const int Writers = 8;
    private const int Steps = 130;

    private static readonly string[] Models = ["alpha", "alpha-b", "beta"];
    private static readonly AliasName[] Aliases = [AliasName.Champion, AliasName.Parse("challenger"), AliasName.Parse("canary")];

    private readonly RegistryKit _kit = new(azurite);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AppendAsync_EightWritersOnThreeModels_LoseNothing()
    {
        const int Appends = 150;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (int append = 0; append < Appends; append++)
            {
                string text = $"{writer}-{append}";
                await _kit.Store.AppendAsync(ModelName.Parse(Models[(writer + append) % Models.Length]), head =>
                    [new VersionRegistered(head.Versions.Length + 1, text, text) { Actor = Actor.System }], Cancelled);
            }
        }));

        var written = new List<string>();
        foreach (string model in Models)
        {
            await _kit.AssertHeadIsSumOfEventsAsync(model);
            ModelHead head = await _kit.Service.GetAsync(ModelName.Parse(model), Cancelled);
            Assert.Equal(Enumerable.Range(1, head.Versions.Length), head.Versions.Select(version => version.Number));
            written.AddRange(head.Versions.Select(version => version.Digest));
        }

        Assert.Equal(Writers * Appends, written.Count);
        Assert.Equal(Writers * Appends, written.Distinct().Count());
    }

    /// <summary>A later writer waits for those before it instead of failing: no try is wasted, however slow the store is.</summary>
    [Fact]
    public async Task Writers_OfOneProcess_NeverNeedARetry()
    {
        const int Crowd = 40;
        var requests = new FaultPolicy();
        StorageAccount account = new(Options.Create(new LogWorld(azurite).Settings), [requests]);
        var store = new RegistryStore(account, _kit.Clock);
        var queue = new WorkflowQueue(account);

        await Task.WhenAll(Enumerable.Range(0, Crowd).Select(writer => store.AppendAsync(ModelName.Parse("alpha"), head =>
            [new VersionRegistered(head.Versions.Length + 1, $"{writer}", $"{writer}") { Actor = Actor.System }], Cancelled)));
        await Task.WhenAll(Enumerable.Range(0, Crowd).Select(
            writer => queue.EnterAsync(ModelName.Parse("alpha"), Ids.Operation($"{writer}"), Cancelled)));

        Assert.Equal(2 * Crowd, requests.Writes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Service_RandomOperationsByManyWriters_HeadIsTheSumOfItsEvents(int seed)
    {
        foreach (string model in Models)
        {
            await _kit.ValidateAsync($"{model}-first", model);
            await _kit.ValidateAsync($"{model}-second", model);
        }

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(new Random((seed * 100) + writer), $"w{writer}")));

        List<RegistryEvent> happened = [];
        foreach (ModelName model in Models.Select(ModelName.Parse))
        {
            await WriteRareMovesAsync(model);
            await _kit.AssertHeadIsSumOfEventsAsync(model.Value);
            ModelHead head = await _kit.Service.GetAsync(model, Cancelled);
            Assert.Equal(RegistryKit.Json(head), RegistryKit.Json((await _kit.Service.FindAtAsync(model, head.UpdatedAt, Cancelled))!));
            AssertEveryState(model.Value, await _kit.EventsAsync(model.Value));
            await AssertEveryInstantAsync(model);
            happened.AddRange(await _kit.EventsAsync(model.Value));
        }

        AssertEverythingHappened(happened);
    }

    private async Task WriteAsync(Random random, string writer)
    {
        for (int step = 0; step < Steps; step++)
        {
            ModelName model = ModelName.Parse(Models[random.Next(Models.Length)]);
            AliasName alias = Aliases[random.Next(Aliases.Length)];
            int version = random.Next(1, 9);

            // Four steps form one operation, so that the same operation continues, promotes and ends a split, and calls are repeated.
            Actor actor = RegistryKit.By($"{writer}-{step / 4}", writer);
            _kit.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(3)));
            Task operation = random.Next(16) switch
            {
                0 or 1 => _kit.Service.MoveAliasAsync(model, alias, version, random.Next(3) == 0 ? random.Next(3) : null, actor, Cancelled),
                2 => _kit.Service.DeleteAliasAsync(model, alias, actor, Cancelled),
                3 => _kit.Service.RollBackAsync(model, null, actor, Cancelled),
                4 => _kit.Service.DescribeAsync(model, $"text {random.Next(3)}", null, actor, Cancelled),
                5 => _kit.Service.ArchiveAsync(model, random.Next(4) == 0, actor, Cancelled),
                6 => _kit.Service.RecordRejectionAsync(model, $"{model}/model.onnx", ["why"], actor, Cancelled),
                7 => _kit.Service.SetShadowAsync(new VersionName(model, version), random.Next(3) * 50, null, actor, Cancelled),
                8 => _kit.Service.ProveAsync(new VersionName(model, version), random.Next(2) == 0, actor, Cancelled),
                9 => _kit.Service.DeleteVersionAsync(new VersionName(model, version), actor, Cancelled),
                10 or 11 => _kit.Service.ShiftTrafficAsync(new VersionName(model, version), random.Next(1, 100), actor, Cancelled),
                12 => _kit.Service.ShiftTrafficAsync(new VersionName(model, version), 0, actor, Cancelled),
                13 => PromoteCandidateAsync(model, actor),
                14 => _kit.ValidateAsync($"{writer}-{step}-new", model.Value),
                _ => _kit.Service.SetStatusAsync(new VersionName(model, version), (VersionStatus)random.Next(8), null, actor, Cancelled),
            };
            try
            {
                await operation;
            }
            catch (ServiceException refused) when (refused.Code
                is ErrorCode.VersionNotFound or ErrorCode.VersionNotReady or ErrorCode.AliasNotFound or ErrorCode.AliasConflict)
            {
                // An impossible request must leave no trace; the sums below check this.
            }
        }
    }

    /// <summary>
    /// The moves that depend on how the writers above met: a candidate that wins, one that is taken back, a champion that is rolled back,
    /// and a version that is deleted. Here they start from whatever state the writers left.
    /// </summary>
    private async Task WriteRareMovesAsync(ModelName model)
    {
        Actor actor = RegistryKit.By($"{model}-rare", "ann");
        await _kit.Service.ArchiveAsync(model, archived: false, actor, Cancelled);
        if ((await _kit.Service.GetAsync(model, Cancelled)).Split is { } split)
        {
            await _kit.Service.ShiftTrafficAsync(
                new VersionName(model, split.Version), 0, actor with { Operation = split.Operation }, Cancelled);
        }

        int[] versions = [await NewVersionAsync(1), await NewVersionAsync(2), await NewVersionAsync(3)];
        var (serving, winner, loser) = (versions[0], new VersionName(model, versions[1]), new VersionName(model, versions[2]));
        await _kit.Service.MoveAliasAsync(model, AliasName.Champion, serving, null, actor, Cancelled);
        await _kit.Service.ShiftTrafficAsync(winner, 20, actor, Cancelled);
        await _kit.Service.PromoteCandidateAsync(winner, actor, Cancelled);
        await _kit.Service.ShiftTrafficAsync(loser, 20, actor, Cancelled);
        await _kit.Service.ShiftTrafficAsync(loser, 0, actor, Cancelled);
        await _kit.Service.RollBackAsync(model, null, actor, Cancelled);
        await _kit.Service.DeleteVersionAsync(loser, actor, Cancelled);

        async Task<int> NewVersionAsync(int number)
        {
            await _kit.ValidateAsync($"{model}-rare-{number}", model.Value);
            return (await _kit.Service.GetAsync(model, Cancelled)).Versions[^1].Number;
        }
    }

    private async Task PromoteCandidateAsync(ModelName model, Actor actor)
    {
        if ((await _kit.Service.GetAsync(model, Cancelled)).Split is { } split)
        {
            await _kit.Service.PromoteCandidateAsync(
                new VersionName(model, split.Version), actor with { Operation = split.Operation }, Cancelled);
        }
    }

    /// <summary>Invariants between any two transactions. The events of one transaction have one time and one operation.</summary>
    private static void AssertEveryState(string model, List<RegistryEvent> events)
    {
        ModelHead head = ModelHead.Empty(ModelName.Parse(model));
        for (int index = 0; index < events.Count; index++)
        {
            if (events[index] is VersionStatusChanged move)
            {
                Assert.Equal(head.FindVersion(move.Version)!.Status, move.From);
                Assert.True(VersionTransitions.IsLegal(move.From, move.To), $"{move.From} to {move.To}");
            }

            Assert.False(
                head.Archived
                    && events[index] is (VersionRegistered or AliasMoved or TrafficShifted { Percent: > 0 } or ShadowSet { Percent: > 0 }));
            head = head.Apply(events[index]);
            if (index + 1 == events.Count
                    || events[index + 1].At != head.UpdatedAt
                    || events[index + 1].Actor.Operation != events[index].Actor.Operation)
            {
                AssertWhole(head);
            }
        }
    }

    private static void AssertWhole(ModelHead head)
    {
        AliasEntry? champion = head.Aliases.GetValueOrDefault("champion");
        Assert.Equal(champion is null ? [] : [champion.Version], Of(head, VersionStatus.Champion));
        Assert.True(
            head.Split is null
                || (champion is not null && !head.Archived && Of(head, VersionStatus.RollingOut).Contains(head.Split.Version)),
            RegistryKit.Json(head));
        Assert.Empty(
            Of(head, VersionStatus.Deleted).Intersect([.. head.Aliases.Values.Select(alias => alias.Version), .. head.Shadows.Keys]));
    }

    /// <summary>Checks that chance left nothing out; otherwise the sums above prove less than they seem to.</summary>
    private static void AssertEverythingHappened(List<RegistryEvent> events)
    {
        Assert.Equal(
            [nameof(AliasDeleted), nameof(AliasMoved), nameof(DropRejected), nameof(ModelArchived), nameof(ModelDescribed), nameof(ShadowSet), nameof(TrafficShifted),
                nameof(VersionProven), nameof(VersionRegistered), nameof(VersionStatusChanged)],
            events.Select(one => one.GetType().Name).Distinct().Order(StringComparer.Ordinal));
        VersionStatusChanged[] moves = [.. events.OfType<VersionStatusChanged>()];
        Assert.Contains(moves, move => (move.From, move.To) == (VersionStatus.RollingOut, VersionStatus.Champion));
        Assert.Contains(moves, move => (move.From, move.To) == (VersionStatus.RollingOut, VersionStatus.Validated));
        Assert.Contains(moves, move => move.To == VersionStatus.Deleted);
        Assert.Contains(events.OfType<AliasMoved>(), move => move.RolledBack);
    }

    private static IEnumerable<int> Of(ModelHead head, VersionStatus status) =>
        head.Versions.Where(version => version.Status == status).Select(version => version.Number);

    private async Task AssertEveryInstantAsync(ModelName model)
    {
        List<RegistryEvent> events = await _kit.EventsAsync(model.Value);
        foreach (
            IGrouping<DateTimeOffset, RegistryEvent> moment in events.GroupBy(one => one.At).Where((_, index) => index % 25 == 0).ToList())
        {
            ModelHead head = events.Where(one => one.At <= moment.Key).Aggregate(
                ModelHead.Empty(model), (sum, one) => sum.Apply(one));
            foreach (AliasName alias in Aliases)
            {
                AliasEntry? then = await _kit.Service.AliasAtAsync(model, alias, moment.Key, Cancelled);
                Assert.Equal(head.Aliases.GetValueOrDefault(alias.Value), then);
            }
        }
    }
}
