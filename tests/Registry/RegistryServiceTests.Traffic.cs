using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Registry;

public sealed partial class RegistryServiceTests
{
    [Fact]
    public async Task ShiftTrafficAsync_Steps_ChangeShareAndStatusInOneWriteEach()
    {
        await TwoVersionsAsync();

        ModelHead first = await ShiftAsync(2, 5, "rollout");
        ModelHead second = await ShiftAsync(2, 25, "rollout");

        Assert.Equal((2, 5, Ids.Operation("rollout")), (first.Split!.Version, first.Split.Percent, first.Split.Operation));
        Assert.Equal(VersionStatus.RollingOut, first.Versions[1].Status);
        Assert.Equal(
            (25, VersionStatus.RollingOut, first.Sequence + 1), (second.Split!.Percent, second.Versions[1].Status, second.Sequence));
        await _kit.AssertHeadIsSumOfEventsAsync("flights");
    }

    [Fact]
    public async Task ShiftTrafficAsync_RepeatedByItsOperation_WritesOnceEvenAfterLaterSteps()
    {
        await TwoVersionsAsync();
        await ShiftAsync(2, 5, "rollout");
        ModelHead after = await ShiftAsync(2, 25, "rollout");

        Assert.Equal(after.Sequence, (await ShiftAsync(2, 5, "rollout")).Sequence);
        Assert.Equal(after.Sequence, (await ShiftAsync(2, 25, "rollout")).Sequence);
    }

    [Fact]
    public async Task ShiftTrafficAsync_Zero_ReturnsAllTrafficToTheChampionAndRestoresTheStatus()
    {
        await TwoVersionsAsync();
        await ShiftAsync(2, 25, "rollout");

        ModelHead ended = await ShiftAsync(2, 0, "rollout");

        Assert.Null(ended.Split);
        Assert.Equal((VersionStatus.Champion, VersionStatus.Validated), (ended.Versions[0].Status, ended.Versions[1].Status));
        Assert.Equal(ended.Sequence, (await ShiftAsync(2, 0, "rollout")).Sequence);
        Assert.Equal(ended.Sequence, (await ShiftAsync(2, 50, "rollout")).Sequence);
        Assert.Equal(7, (await ShiftAsync(2, 7, "another")).Split!.Percent);
    }

    [Fact]
    public async Task ShiftTrafficAsync_WhileAnotherOperationSplits_IsAConflict()
    {
        await TwoVersionsAsync();
        await _kit.ValidateAsync("three");
        await ShiftAsync(2, 25, "rollout");

        Assert.Equal(ErrorCode.AliasConflict, (await Assert.ThrowsAsync<ServiceException>(() => ShiftAsync(3, 5, "another"))).Code);
        Assert.Equal(ErrorCode.AliasConflict, (await Assert.ThrowsAsync<ServiceException>(() => ShiftAsync(2, 5, "another"))).Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task ShiftTrafficAsync_ToTheChampionOrARejectedVersion_IsRefused(int version)
    {
        await TwoVersionsAsync();
        await _kit.RegisterAsync("three", "three");
        await Service.SetStatusAsync(new VersionName(Flights, 3), VersionStatus.Rejected, ["bad"], RegistryKit.By("three"), Cancelled);

        Assert.Equal(ErrorCode.VersionNotReady, (await Assert.ThrowsAsync<ServiceException>(() => ShiftAsync(version, 5, "rollout"))).Code);
    }

    [Fact]
    public async Task ShiftTrafficAsync_NoChampion_IsRefused()
    {
        await _kit.ValidateAsync("one");

        Assert.Equal(ErrorCode.VersionNotReady, (await Assert.ThrowsAsync<ServiceException>(() => ShiftAsync(1, 5, "rollout"))).Code);
    }

    [Fact]
    public async Task MoveAliasAsync_ToTheCandidate_EndsTheSplitInTheSameWrite()
    {
        await TwoVersionsAsync();
        await ShiftAsync(2, 25, "rollout");

        await MoveAsync(Champion, 2, "rollout");

        ModelHead head = await Service.GetAsync(Flights, Cancelled);
        Assert.Null(head.Split);
        Assert.Equal((VersionStatus.Retired, VersionStatus.Champion), (head.Versions[0].Status, head.Versions[1].Status));
        Assert.Equal(head.Sequence, (await ShiftAsync(2, 50, "rollout")).Sequence);
        await _kit.AssertHeadIsSumOfEventsAsync("flights");
    }

    [Fact]
    public async Task RollBackAsync_DuringARollout_EndsItAndResetsTheCandidateToValidated()
    {
        await TwoVersionsAsync();
        await MoveAsync(Champion, 2, "promote-2");
        await _kit.ValidateAsync("three");
        await ShiftAsync(3, 25, "rollout");

        await Service.RollBackAsync(Flights, null, RegistryKit.By("back"), Cancelled);

        ModelHead head = await Service.GetAsync(Flights, Cancelled);
        Assert.Null(head.Split);
        Assert.Equal(1, head.FindAlias(Champion)!.Number);
        Assert.Equal(VersionStatus.Validated, head.Versions[2].Status);

        // The rollout repeats its call and must not restart the split that the roll back has ended.
        Assert.Equal(head.Sequence, (await ShiftAsync(3, 50, "rollout")).Sequence);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ChampionRemoved_DuringARollout_EndsTheSplit(bool archived)
    {
        await TwoVersionsAsync();
        await ShiftAsync(2, 25, "rollout");

        await (
            archived
                ? Service.ArchiveAsync(Flights, true, RegistryKit.By("gone"), Cancelled)
                : Service.DeleteAliasAsync(Flights, Champion, RegistryKit.By("gone"), Cancelled));

        ModelHead head = await Service.GetAsync(Flights, Cancelled);
        Assert.Null(head.Split);
        Assert.Equal(VersionStatus.Validated, head.Versions[1].Status);
        await _kit.AssertHeadIsSumOfEventsAsync("flights");
    }

    private async Task TwoVersionsAsync()
    {
        await _kit.ValidateAsync("one");
        await _kit.ValidateAsync("two");
        await MoveAsync(Champion, 1, "promote-1");
    }

    private Task<ModelHead> ShiftAsync(int version, int percent, string operation) =>
        Service.ShiftTrafficAsync(new VersionName(Flights, version), percent, RegistryKit.By(operation), Cancelled);
}
