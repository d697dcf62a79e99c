using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Retention;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tests.Predictions;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Lifecycle.Retention;

/// <summary>Unreferenced versions are deleted after their time, and nothing else.</summary>
public sealed class VersionRetentionTests(AzuriteFixture azurite)
{
    private readonly RegistryKit _kit = new(azurite);

    private static ModelName Flights => RegistryKit.Flights;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_OldRetiredVersions_LoseTheirFilesAndKeepTheirRecord()
    {
        await PromoteAsync(1, 2, 3, 4);
        _kit.Clock.Advance(TimeSpan.FromDays(400));

        Assert.Equal(2, await RunAsync(new RetentionOptions { KeepRetired = 0 }));

        // 4 is champion, and 3 is the target of a roll back.
        ModelHead head = await _kit.Service.GetAsync(Flights, Token);
        Assert.Equal(
            [VersionStatus.Deleted, VersionStatus.Deleted, VersionStatus.Retired, VersionStatus.Champion],
            head.Versions.Select(version => version.Status));
        Assert.Equal(["flights/1/version.json"], await _kit.BlobsAsync(BlobContainers.Models, "flights/1/"));
        Assert.Contains("flights/3/model.onnx", await _kit.BlobsAsync(BlobContainers.Models, "flights/3/"));
        Assert.Equal(1, (await _kit.Versions.GetAsync(new VersionName(Flights, 1), Token)).Number);
        RegistryEvent[] events = [
            .. (await _kit.EventsAsync()).OfType<VersionStatusChanged>().Where(change => change.To == VersionStatus.Deleted)];
        Assert.All(events, happened => Assert.Equal("retention", happened.Actor.Name));
        Assert.Contains("files of such versions are kept for 365 days", events[0].Actor.Reason, StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync(new RetentionOptions { KeepRetired = 0 }));
    }

    [Fact]
    public async Task Run_ByNumberAndByAge_KeepsTheLastRetired()
    {
        await PromoteAsync(1, 2, 3, 4, 5);
        Assert.Equal(0, await RunAsync(new RetentionOptions { KeepRetired = 0 }));
        _kit.Clock.Advance(TimeSpan.FromDays(400));

        Assert.Equal(0, await RunAsync(new RetentionOptions { KeepRetired = 10 }));
        Assert.Equal(0, await RunAsync(new RetentionOptions { KeepRetired = 0, KeepFilesFor = TimeSpan.Zero }));
        Assert.Equal(1, await RunAsync(new RetentionOptions { KeepRetired = 3 }));
        Assert.Equal(VersionStatus.Deleted, (await _kit.Service.GetAsync(Flights, Token)).FindVersion(1)!.Status);
    }

    [Fact]
    public async Task Run_VersionThatIsReferredTo_Stays()
    {
        await PromoteAsync(1, 2, 3, 4, 5);
        await _kit.Service.MoveAliasAsync(Flights, AliasName.Parse("challenger"), 1, null, RegistryKit.By("alias"), Token);
        await _kit.Service.SetShadowAsync(new VersionName(Flights, 2), 100, null, RegistryKit.By("shadow"), Token);
        await LogAsync(version: 3);
        _kit.Clock.Advance(TimeSpan.FromDays(400));

        Assert.Equal(0, await RunAsync(new RetentionOptions { KeepRetired = 0 }));

        await _kit.Service.SetShadowAsync(new VersionName(Flights, 2), 0, null, RegistryKit.By("end"), Token);
        Assert.Equal(1, await RunAsync(new RetentionOptions { KeepRetired = 0 }));
    }

    [Fact]
    public async Task Run_AfterACrashBetweenEventAndFiles_DeletesTheFiles()
    {
        await PromoteAsync(1, 2, 3);
        _kit.Clock.Advance(TimeSpan.FromDays(400));
        Assert.True(await _kit.Service.DeleteVersionAsync(new VersionName(Flights, 1), new Actor("retention"), Token));
        Assert.Contains("flights/1/model.onnx", await _kit.BlobsAsync(BlobContainers.Models, "flights/1/"));

        await RunAsync(new RetentionOptions { KeepRetired = 0 });

        Assert.Equal(["flights/1/version.json"], await _kit.BlobsAsync(BlobContainers.Models, "flights/1/"));
        Assert.Single((await _kit.EventsAsync()).OfType<VersionStatusChanged>(), change => change.To == VersionStatus.Deleted);
    }

    [Fact]
    public async Task DeletedVersion_IsNotServedAgain_AndItsBytesBecomeANewVersion()
    {
        await PromoteAsync(1, 2, 3);
        _kit.Clock.Advance(TimeSpan.FromDays(400));
        await RunAsync(new RetentionOptions { KeepRetired = 0 });

        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Service.MoveAliasAsync(Flights, AliasName.Champion, 1, null, RegistryKit.By("back"), Token));
        Assert.Equal(ErrorCode.VersionNotReady, exception.Code);
        Assert.Equal(4, await _kit.RegisterAsync("again", "op-1"));
    }

    /// <summary>Promotes versions one after the other.</summary>
    private async Task PromoteAsync(params int[] versions)
    {
        foreach (int version in versions)
        {
            await _kit.ValidateAsync($"op-{version}");
            await _kit.Service.MoveAliasAsync(Flights, AliasName.Champion, version, null, RegistryKit.By($"promote-{version}"), Token);
            _kit.Clock.Advance(TimeSpan.FromDays(1));
        }
    }

    private async Task LogAsync(int version)
    {
        var world = new LogWorld(azurite);
        using PredictionLog log = await world.StartLogAsync(account: _kit.Account);
        log.Append(LogWorld.Request(log, version, Flights));
        await log.StopAsync(Token);
    }

    private Task<int> RunAsync(RetentionOptions options) => new VersionRetention(
        _kit.Service, _kit.Store, _kit.Versions, new PredictionStore(_kit.Account), Options
            .Create(options), _kit.Clock, NullLogger<VersionRetention>.Instance).RunAsync(Token);
}
