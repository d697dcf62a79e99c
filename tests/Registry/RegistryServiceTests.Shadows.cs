using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Registry;

public sealed partial class RegistryServiceTests
{
    [Fact]
    public async Task SetShadow_SeveralVersions_StayUntilEnded()
    {
        await _kit.ValidateAsync("op-1");
        await _kit.ValidateAsync("op-2");
        await _kit.ValidateAsync("op-3");

        await SetShadowAsync("s-1", 2, 100);
        await SetShadowAsync("s-2", 3, 10);
        await SetShadowAsync("s-2", 3, 10);
        ModelHead head = await _kit.Service.GetAsync(RegistryKit.Flights, Cancelled);
        Assert.Equal([2, 3], head.Shadows.Keys);
        Assert.Equal((10, head.Shadows[3].Since), (head.Shadows[3].Percent, head.Shadows[3].From));

        await SetShadowAsync("s-3", 2, 0);
        await SetShadowAsync("s-4", 2, 0);

        Assert.Equal([3], (await _kit.Service.GetAsync(RegistryKit.Flights, Cancelled)).Shadows.Keys);
        Assert.Equal([(2, 100), (3, 10), (2, 0)], (await _kit.EventsAsync()).OfType<ShadowSet>().Select(set => (set.Version, set.Percent)));
        await _kit.AssertHeadIsSumOfEventsAsync("flights");
    }

    [Fact]
    public async Task SetShadow_OfAVersionThatMayNotServe_IsRefused()
    {
        await _kit.RegisterAsync("op-1", "one");

        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() => SetShadowAsync("s-1", 1, 100));

        Assert.Equal(ErrorCode.VersionNotReady, exception.Code);
        Assert.Equal(ErrorCode.VersionNotFound, (await Assert.ThrowsAsync<ServiceException>(() => SetShadowAsync("s-1", 2, 100))).Code);
    }

    private Task<ModelHead> SetShadowAsync(string operation, int version, int percent) =>
        _kit.Service.SetShadowAsync(new VersionName(RegistryKit.Flights, version), percent, null, RegistryKit.By(operation), Cancelled);
}
