using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Registry;

public sealed partial class RegistryServiceTests
{
    private static readonly AliasName Champion = AliasName.Champion;
    private static readonly AliasName Challenger = AliasName.Parse("challenger");

    [Fact]
    public async Task MoveAliasAsync_Champion_ChangesBothStatusesInOneAppend()
    {
        await _kit.ValidateAsync("one");
        await _kit.ValidateAsync("two");
        await MoveAsync(Champion, 1, "promote-1");
        long before = (await Service.GetAsync(Flights, Cancelled)).Sequence;

        AliasMove move = await MoveAsync(Champion, 2, "promote-2");

        ModelHead head = await Service.GetAsync(Flights, Cancelled);
        Assert.Equal(new AliasMove("champion", 1, 2, head.UpdatedAt), move);
        Assert.Equal((VersionStatus.Retired, VersionStatus.Champion), (head.Versions[0].Status, head.Versions[1].Status));
        Assert.Equal(2, head.FindAlias(Champion)!.Number);
        Assert.Equal(before + 3, head.Sequence);
        Assert.Single((await _kit.EventsAsync()).Where(one => one.Sequence > before).Select(one => one.At).Distinct());
        await _kit.AssertHeadIsSumOfEventsAsync("flights");
    }

    [Fact]
    public async Task MoveAliasAsync_RepeatedByItsOperation_WritesOnceEvenAfterLaterMoves()
    {
        await _kit.ValidateAsync("one");
        await _kit.ValidateAsync("two");
        AliasMove first = await MoveAsync(Champion, 1, "promote-1");
        _kit.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first, await MoveAsync(Champion, 1, "promote-1"));
        await MoveAsync(Champion, 2, "promote-2");
        long sequence = (await Service.GetAsync(Flights, Cancelled)).Sequence;

        AliasMove late = await MoveAsync(Champion, 1, "promote-1");

        ModelHead head = await Service.GetAsync(Flights, Cancelled);
        Assert.Equal(first, late);
        Assert.Equal((sequence, 2), (head.Sequence, head.FindAlias(Champion)!.Number));
    }

    [Theory]
    [InlineData("champion", true)]
    [InlineData("championship", true)]
    [InlineData("Canary", true)]
    [InlineData("Champion", false)]
    [InlineData("CHALLENGER", false)]
    [InlineData("Candidate", false)]
    [InlineData("latest", false)]
    [InlineData("v3", false)]
    public void AliasName_Find_AcceptsOnlyUnambiguousNames(string text, bool isAlias) =>
        Assert.Equal(isAlias ? text : null, AliasName.Find(text)?.Value);

    [Fact]
    public async Task MoveAliasAsync_AlreadyThere_WritesNothing()
    {
        await _kit.ValidateAsync("one");
        AliasMove first = await Service.MoveAliasAsync(Flights, Challenger, 1, null, Actor.System, Cancelled);
        _kit.Clock.Advance(TimeSpan.FromMinutes(1));

        AliasMove second = await Service.MoveAliasAsync(Flights, Challenger, 1, null, Actor.System, Cancelled);

        Assert.Equal((null, (int?)1, first.Since), (first.From, second.From, second.Since));
        Assert.Single(await Service.AliasHistoryAsync(Flights, Challenger, Cancelled));
    }

    [Fact]
    public async Task MoveAliasAsync_ExpectedVersion_IsChecked()
    {
        await _kit.ValidateAsync("one");
        await _kit.ValidateAsync("two");
        await Service.MoveAliasAsync(Flights, Challenger, 1, RegistryService.NoVersion, Actor.System, Cancelled);

        await FailsAsync(
            ErrorCode.AliasConflict,
            () => Service.MoveAliasAsync(Flights, Challenger, 2, RegistryService.NoVersion, Actor.System, Cancelled));
        await FailsAsync(ErrorCode.AliasConflict, () => Service.MoveAliasAsync(Flights, Challenger, 2, 7, Actor.System, Cancelled));
        await Service.MoveAliasAsync(Flights, Challenger, 2, 1, Actor.System, Cancelled);

        // The repeated call finds its request fulfilled, although the alias no longer points to 1.
        await Service.MoveAliasAsync(Flights, Challenger, 2, 1, Actor.System, Cancelled);
        Assert.Equal(2, (await Service.GetAsync(Flights, Cancelled)).FindAlias(Challenger)!.Number);
    }

    [Fact]
    public async Task MoveAliasAsync_MissingOrNotReady_IsRefused()
    {
        await FailsAsync(ErrorCode.ModelNotFound, () => MoveAsync(Champion, 1, "a"));
        await _kit.RegisterAsync("one", "one");
        await FailsAsync(ErrorCode.VersionNotFound, () => MoveAsync(Champion, 2, "a"));
        await FailsAsync(ErrorCode.VersionNotFound, () => MoveAsync(Champion, 0, "a"));
        await FailsAsync(ErrorCode.VersionNotReady, () => MoveAsync(Champion, 1, "a"));
        await FailsAsync(ErrorCode.VersionNotReady, () => MoveAsync(Challenger, 1, "a"));
        Assert.Single(await _kit.EventsAsync());
    }

    [Fact]
    public async Task RollBackAsync_WithoutTarget_RollsBackChampionByChampion()
    {
        for (int version = 1; version <= 3; version++)
        {
            await _kit.ValidateAsync($"v{version}");
            await MoveAsync(Champion, version, $"promote-{version}");
        }

        AliasMove first = await Service.RollBackAsync(Flights, null, RegistryKit.By("rollback-1"), Cancelled);
        Assert.Equal(first, await Service.RollBackAsync(Flights, null, RegistryKit.By("rollback-1"), Cancelled));
        AliasMove second = await Service.RollBackAsync(Flights, null, RegistryKit.By("rollback-2"), Cancelled);

        Assert.Equal((3, 2), (first.From, first.To));
        Assert.Equal((2, 1), (second.From, second.To));
        ModelHead head = await Service.GetAsync(Flights, Cancelled);
        Assert.Equal(
            [VersionStatus.Champion, VersionStatus.Retired, VersionStatus.Retired], head.Versions.Select(version => version.Status));
        await FailsAsync(ErrorCode.VersionNotReady, () => Service.RollBackAsync(Flights, null, RegistryKit.By("rollback-3"), Cancelled));
        Assert.Equal(5, (await Service.AliasHistoryAsync(Flights, Champion, Cancelled)).Count);
    }

    [Fact]
    public async Task RollBackAsync_InTheOperationThatPromoted_RollsBack()
    {
        await _kit.ValidateAsync("one");
        await _kit.ValidateAsync("two");
        await MoveAsync(Champion, 1, "promote-1");
        await MoveAsync(Champion, 2, "rollout");

        AliasMove move = await Service.RollBackAsync(Flights, null, RegistryKit.By("rollout"), Cancelled);

        Assert.Equal((2, 1), (move.From, move.To));
    }

    [Fact]
    public async Task RollBackAsync_WithTarget_MovesThereOnce()
    {
        for (int version = 1; version <= 3; version++)
        {
            await _kit.ValidateAsync($"v{version}");
            await MoveAsync(Champion, version, $"promote-{version}");
        }

        await Service.RollBackAsync(Flights, 1, RegistryKit.By("rollback"), Cancelled);
        await MoveAsync(Champion, 3, "promote-again");
        await Service.RollBackAsync(Flights, 1, RegistryKit.By("rollback"), Cancelled);

        Assert.Equal(3, (await Service.GetAsync(Flights, Cancelled)).FindAlias(Champion)!.Number);
        await FailsAsync(ErrorCode.VersionNotFound, () => Service.RollBackAsync(Flights, 9, RegistryKit.By("x"), Cancelled));
        await FailsAsync(ErrorCode.ModelNotFound, () => Service.RollBackAsync(ModelName.Parse("no"), null, RegistryKit.By("x"), Cancelled));
    }

    [Fact]
    public async Task DeleteAliasAsync_Champion_RetiresItAndIsNotRepeated()
    {
        await _kit.ValidateAsync("one");
        await MoveAsync(Champion, 1, "promote-1");

        await Service.DeleteAliasAsync(Flights, Champion, RegistryKit.By("delete"), Cancelled);
        await Service.DeleteAliasAsync(Flights, Champion, RegistryKit.By("delete"), Cancelled);

        ModelHead head = await Service.GetAsync(Flights, Cancelled);
        Assert.Empty(head.Aliases);
        Assert.Equal(VersionStatus.Retired, head.Versions[0].Status);
        await FailsAsync(ErrorCode.AliasNotFound, () => Service.DeleteAliasAsync(Flights, Champion, RegistryKit.By("another"), Cancelled));
        await FailsAsync(ErrorCode.AliasNotFound, () => Service.RollBackAsync(Flights, null, RegistryKit.By("back"), Cancelled));
    }

    [Fact]
    public async Task AliasAtAsync_AnyInstant_GivesItsVersionThen()
    {
        await _kit.ValidateAsync("one");
        await _kit.ValidateAsync("two");
        DateTimeOffset start = _kit.Clock.GetUtcNow();
        await MoveAtAsync(10, () => MoveAsync(Challenger, 1, "a"));
        await MoveAtAsync(20, () => MoveAsync(Challenger, 2, "b"));
        await MoveAtAsync(30, () => Service.DeleteAliasAsync(Flights, Challenger, RegistryKit.By("c"), Cancelled));
        await MoveAtAsync(40, () => MoveAsync(Challenger, 1, "d"));

        int?[] versions = [null, 1, 1, 2, 2, null, null, 1, 1];
        int[] minutes = [9, 10, 19, 20, 29, 30, 39, 40, 99];
        for (int moment = 0; moment < minutes.Length; moment++)
        {
            AliasEntry? entry = await Service.AliasAtAsync(Flights, Challenger, start.AddMinutes(minutes[moment]), Cancelled);
            Assert.Equal(versions[moment], entry?.Version);
        }

        IReadOnlyList<AliasChange> history = await Service.AliasHistoryAsync(Flights, Challenger, Cancelled);
        Assert.Equal([(null, 1), (1, 2), (2, null), (null, 1)], history.Select(change => (change.From, change.To)));
        Assert.Equal("ann", history[0].Actor.Name);

        async Task MoveAtAsync(int minute, Func<Task> move)
        {
            _kit.Clock.SetUtcNow(start.AddMinutes(minute));
            await move();
        }
    }

    private Task<AliasMove> MoveAsync(AliasName alias, int version, string operation) =>
        Service.MoveAliasAsync(Flights, alias, version, null, RegistryKit.By(operation), Cancelled);
}
