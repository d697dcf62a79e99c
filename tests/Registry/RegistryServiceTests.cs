using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Registry;

public sealed partial class RegistryServiceTests(AzuriteFixture azurite)
{
    private readonly RegistryKit _kit = new(azurite);

    private static ModelName Flights => RegistryKit.Flights;

    private RegistryService Service => _kit.Service;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SetStatusAsync_LegalMove_IsWrittenOnceWithItsReasons()
    {
        await _kit.RegisterAsync("one", "one");
        await Service.SetStatusAsync(new VersionName(Flights, 1), VersionStatus.Validating, null, RegistryKit.By("one"), Cancelled);
        await Service.SetStatusAsync(
            new VersionName(Flights, 1), VersionStatus.Rejected, ["too slow", "too large"], RegistryKit.By("one"), Cancelled);

        // Both activities run again, the first one long after the version has passed that step.
        await Service.SetStatusAsync(new VersionName(Flights, 1), VersionStatus.Validating, null, RegistryKit.By("one"), Cancelled);
        ModelHead head = await Service.SetStatusAsync(
            new VersionName(Flights, 1), VersionStatus.Rejected, ["too slow", "too large"], RegistryKit.By("one"), Cancelled);

        Assert.Equal(VersionStatus.Rejected, head.Versions[0].Status);
        List<RegistryEvent> events = await _kit.EventsAsync();
        Assert.Equal(3, events.Count);
        var rejected = Assert.IsType<VersionStatusChanged>(events[2]);
        Assert.Equal((VersionStatus.Validating, VersionStatus.Rejected), (rejected.From, rejected.To));
        Assert.Equal(["too slow", "too large"], rejected.Reasons);
    }

    [Fact]
    public async Task SetStatusAsync_IllegalMove_IsRefused()
    {
        await FailsAsync(ErrorCode.ModelNotFound, () => SetAsync(1, VersionStatus.Validating));
        await _kit.RegisterAsync("one", "one");
        await FailsAsync(ErrorCode.VersionNotFound, () => SetAsync(2, VersionStatus.Validating));
        await FailsAsync(ErrorCode.VersionNotReady, () => SetAsync(1, VersionStatus.Validated));
        await SetAsync(1, VersionStatus.Validating);
        await SetAsync(1, VersionStatus.Validated);
        await FailsAsync(ErrorCode.VersionNotReady, () => SetAsync(1, VersionStatus.Champion));
        await MoveAsync(AliasName.Champion, 1, "promote");
        await FailsAsync(ErrorCode.VersionNotReady, () => SetAsync(1, VersionStatus.Retired));

        Task<ModelHead> SetAsync(int version, VersionStatus to) => Service
            .SetStatusAsync(new VersionName(Flights, version), to, null, Actor.System, Cancelled);
    }

    [Fact]
    public async Task SetStatusAsync_VersionThatIsReferredTo_IsRefused()
    {
        await _kit.ValidateAsync("one");
        await _kit.ValidateAsync("two");
        await MoveAsync(AliasName.Champion, 1, "promote");
        await Service.ShiftTrafficAsync(new VersionName(Flights, 2), 10, RegistryKit.By("rollout"), Cancelled);
        await FailsAsync(ErrorCode.VersionNotReady, () => SetAsync(VersionStatus.Validated));
        await Service.ShiftTrafficAsync(new VersionName(Flights, 2), 0, RegistryKit.By("rollout"), Cancelled);
        await SetAsync(VersionStatus.Retired);
        await MoveAsync(AliasName.Parse("challenger"), 2, "challenge");
        await FailsAsync(ErrorCode.VersionNotReady, () => SetAsync(VersionStatus.Deleted));
        await Service.DeleteAliasAsync(Flights, AliasName.Parse("challenger"), Actor.System, Cancelled);
        Assert.Equal(VersionStatus.Deleted, (await SetAsync(VersionStatus.Deleted)).Versions[1].Status);

        Task<ModelHead> SetAsync(VersionStatus to) => Service.SetStatusAsync(
            new VersionName(Flights, 2), to, null, Actor.System, Cancelled);
    }

    [Fact]
    public async Task FindAtAsync_AnInstant_GivesTheModelAsItWas()
    {
        DateTimeOffset made = _kit.Clock.GetUtcNow();
        await _kit.ValidateAsync("one");
        await MoveAsync(AliasName.Champion, 1, "promote-1");
        await _kit.ValidateAsync("two");
        _kit.Clock.Advance(TimeSpan.FromHours(1));
        await Service.ShiftTrafficAsync(new VersionName(Flights, 2), 25, RegistryKit.By("rollout"), Cancelled);
        _kit.Clock.Advance(TimeSpan.FromHours(1));
        await MoveAsync(AliasName.Champion, 2, "promote-2");

        Assert.Null(await Service.FindAtAsync(Flights, made.AddTicks(-1), Cancelled));
        ModelHead first = (await Service.FindAtAsync(Flights, made.AddMinutes(59), Cancelled))!;
        ModelHead shared = (await Service.FindAtAsync(Flights, made.AddHours(1), Cancelled))!;
        ModelHead last = (await Service.FindAtAsync(Flights, made.AddHours(2), Cancelled))!;

        Assert.Equal((1, 2, null), (first.FindAlias(AliasName.Champion)!.Number, first.Versions.Length, first.Split));
        Assert.Equal((1, 25), (shared.FindAlias(AliasName.Champion)!.Number, shared.Split!.Percent));
        Assert.Equal(RegistryKit.Json(await Service.GetAsync(Flights, Cancelled)), RegistryKit.Json(last));
    }

    [Fact]
    public async Task RecordRejectionAsync_Repeated_IsOneEventPerOperation()
    {
        for (int repeat = 0; repeat < 3; repeat++)
        {
            await Service.RecordRejectionAsync(
                ModelName.Parse("flights"), "flights/bad/model.onnx", ["why"], RegistryKit.By("drop-1"), Cancelled);
            await Service.RecordRejectionAsync(
                ModelName.Unnamed, "bad name!/model.onnx", ["not a name"], RegistryKit.By("drop-2"), Cancelled);
        }

        await Service.RecordRejectionAsync(
            ModelName.Parse("flights"), "flights/bad/model.onnx", ["again"], RegistryKit.By("drop-3"), Cancelled);

        Assert.Equal(
            [Ids.Operation("drop-1"), Ids.Operation("drop-3")],
            (await _kit.EventsAsync()).Cast<DropRejected>().Select(one => one.Actor.Operation));
        RegistryEvent unnamed = Assert.Single(
            await _kit.Store.ReadEventsAsync(ModelName.Unnamed, null, null, Cancelled).ToListAsync(Cancelled));
        Assert.Equal(Ids.Operation("drop-2"), Assert.IsType<DropRejected>(unnamed).Actor.Operation);
        await FailsAsync(ErrorCode.ModelNotFound, () => Service.GetAsync(Flights, Cancelled));
    }

    [Fact]
    public async Task RecordRejectionAsync_EndlessReasons_AreBounded()
    {
        string[] reasons = [.. Enumerable.Repeat(new string('ä', 100_000), 500)];
        await Service.RecordRejectionAsync(ModelName.Parse("flights"), "flights/model.onnx", reasons, RegistryKit.By("drop-1"), Cancelled);

        var rejected = (DropRejected)Assert.Single(await _kit.EventsAsync());
        // A non-ASCII letter may take six bytes in JSON, so four sentences of 700 bytes fit.
        Assert.Equal((5, "And 496 more."), (rejected.Reasons.Count, rejected.Reasons[^1]));
    }

    [Fact]
    public async Task DescribeAsync_PartialChange_KeepsTheRest_AndNoChangeIsNoEvent()
    {
        var tags = new Dictionary<string, string> { ["team"] = "ops", ["stage"] = "a=b" };
        await Service.DescribeAsync(Flights, "late flights", null, Actor.System, Cancelled);
        await Service.DescribeAsync(Flights, null, tags, Actor.System, Cancelled);

        ModelHead head = await Service.DescribeAsync(Flights, "late flights", tags, Actor.System, Cancelled);

        Assert.Equal((2L, "late flights", "ops"), (head.Sequence, head.Description, head.Tags["team"]));
        head = await Service.DescribeAsync(Flights, null, new Dictionary<string, string>(), Actor.System, Cancelled);
        Assert.Empty(head.Tags);
    }

    [Fact]
    public async Task DescribeAsync_EndlessText_IsRefusedAndWritesNothing()
    {
        await FailsAsync(
            ErrorCode.PayloadTooLarge, () => Service.DescribeAsync(Flights, new string('x', 600_000), null, Actor.System, Cancelled));
        Assert.Empty(await _kit.EventsAsync());
    }

    [Fact]
    public async Task ArchiveAsync_ThenRestored_KeepsTheRest()
    {
        await FailsAsync(ErrorCode.ModelNotFound, () => Service.ArchiveAsync(Flights, true, Actor.System, Cancelled));
        await _kit.RegisterAsync("one", "one");
        await Service.ArchiveAsync(Flights, true, Actor.System, Cancelled);
        await Service.ArchiveAsync(Flights, true, Actor.System, Cancelled);
        Assert.Empty((await Service.ListAsync(new ModelQuery(), Cancelled)).Models);
        Assert.Single((await Service.ListAsync(new ModelQuery(Archived: true), Cancelled)).Models);

        ModelHead head = await Service.ArchiveAsync(Flights, false, Actor.System, Cancelled);

        Assert.Equal((3L, 1, false), (head.Sequence, head.Versions.Length, head.Archived));
    }

    [Fact]
    public async Task Archived_CallsThatWouldServe_AreRefusedUntilItIsRestored()
    {
        await _kit.ValidateAsync("one");
        await _kit.ValidateAsync("two");
        await Service.MoveAliasAsync(Flights, AliasName.Champion, 1, null, RegistryKit.By("promote-1"), Cancelled);
        await Service.MoveAliasAsync(Flights, AliasName.Champion, 2, null, RegistryKit.By("promote-2"), Cancelled);
        VersionRegistration next = RegistryKit.Registration(await _kit.StageAsync("three", "three"));
        VersionRegistration same = RegistryKit.Registration(await _kit.StageAsync("again", "one"));
        ModelHead before = await Service.ArchiveAsync(Flights, true, Actor.System, Cancelled);

        Func<Task>[] calls =
        [
            () => Service.RegisterVersionAsync(next, Cancelled),
            () => Service.RegisterVersionAsync(same, Cancelled),
            () => Service.MoveAliasAsync(Flights, AliasName.Champion, 1, null, RegistryKit.By("promote-3"), Cancelled),
            () => Service.MoveAliasAsync(Flights, AliasName.Parse("challenger"), 1, null, RegistryKit.By("alias"), Cancelled),
            () => Service.RollBackAsync(Flights, null, RegistryKit.By("back"), Cancelled),
            () => Service.ShiftTrafficAsync(new VersionName(Flights, 1), 25, RegistryKit.By("rollout"), Cancelled),
            () => Service.SetShadowAsync(new VersionName(Flights, 1), 50, null, RegistryKit.By("shadow"), Cancelled),
        ];
        foreach (Func<Task> call in calls)
        {
            ServiceException refused = await Assert.ThrowsAsync<ServiceException>(call);
            Assert.Equal(ErrorCode.VersionNotReady, refused.Code);
            Assert.Equal(
                """Model 'flights' is archived; restore it first: PATCH /api/models/flights with {"archived": false}.""",
                refused.Message);
        }

        Assert.Equal(RegistryKit.Json(before), RegistryKit.Json(await Service.GetAsync(Flights, Cancelled)));
        await Service.ArchiveAsync(Flights, false, Actor.System, Cancelled);
        Assert.Equal(3, (await Service.RegisterVersionAsync(next, Cancelled)).Version);
        Assert.Equal(1, (await Service.RollBackAsync(Flights, null, RegistryKit.By("back"), Cancelled)).To);
    }

    [Fact]
    public async Task ListAsync_SearchTagAndPage_SelectModels()
    {
        for (int number = 0; number < 5; number++)
        {
            var tags = new Dictionary<string, string> { ["team"] = number % 2 == 0 ? "ops" : "lab" };
            await Service.DescribeAsync(
                ModelName.Parse($"model-{number}"), number == 3 ? "Late FLIGHTS" : null, tags, Actor.System, Cancelled);
        }

        Assert.Equal(["model-3"], await NamesAsync(new ModelQuery(Search: "flights")));
        Assert.Equal(5, (await NamesAsync(new ModelQuery(Search: "MODEL"))).Count);
        Assert.Equal(["model-1", "model-3"], await NamesAsync(new ModelQuery(Tag: "team=lab")));
        Assert.Equal(5, (await NamesAsync(new ModelQuery(Tag: "team"))).Count);
        Assert.Empty(await NamesAsync(new ModelQuery(Tag: "team=none")));
        Assert.Equal(["model-2", "model-3"], await NamesAsync(new ModelQuery(Page: 2, PageSize: 2)));
        Assert.Equal(5, (await Service.ListAsync(new ModelQuery(Page: 9), Cancelled)).Total);
        Assert.Empty(await NamesAsync(new ModelQuery(Page: int.MaxValue, PageSize: 1_000)));
        await FailsAsync(ErrorCode.InvalidRequest, () => Service.ListAsync(new ModelQuery(Page: 0), Cancelled));
        await FailsAsync(ErrorCode.InvalidRequest, () => Service.ListAsync(new ModelQuery(PageSize: 0), Cancelled));

        async Task<List<string>> NamesAsync(ModelQuery query) =>
            [.. (await Service.ListAsync(query, Cancelled)).Models.Select(head => head.Name.Value)];
    }

    private static async Task FailsAsync(ErrorCode code, Func<Task> call) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<ServiceException>(call)).Code);
}
