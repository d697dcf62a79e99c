using System.Text;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Lifecycle.Rollouts;

/// <summary>Who may approve a version or make it champion by hand if its manifest requires four eyes.</summary>
public sealed class FourEyesTests(AzuriteFixture azurite)
{
    private static readonly ModelName Model = ModelName.Parse("iris");
    private static readonly Identity Ann = new("ann", "key", "key 1");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ben", "key", "key 2", true)]
    [InlineData("ben@example.com", "person", "token of https://issuer, 7", true)]
    [InlineData("a pipeline", "workload", "token of https://issuer, 8", true)]
    [InlineData("ANN", "key", "key 2", false)]
    [InlineData("ben", "key", "key 1", false)]
    [InlineData("ben", "key", "session of key 1", false)]
    [InlineData("local", "local", "this machine, without keys", false)]
    [InlineData("system", null, null, false)]
    public void Refuse_Approver_MustBeAnotherKnownPerson(string name, string? kind, string? known, bool may)
    {
        string? refusal = FourEyes.Refuse(new Identity(name, kind, known), [Ann]);

        Assert.Equal(may, refusal is null);
    }

    [Fact]
    public void Refuse_DropByAnUnknownPerson_IsApprovedByAnyKnownPerson()
    {
        Assert.Null(FourEyes.Refuse(Ann, [Actor.System.Name]));
        Assert.NotNull(FourEyes.Refuse(Actor.System.Name, []));
    }

    [Theory]
    [InlineData("""{"promotion": {"fourEyes": true}}""", "champion", true)]
    [InlineData("""{"promotion": {"fourEyes": true}}""", "challenger", false)]
    [InlineData("""{"promotion": {"approval": true}}""", "champion", false)]
    public async Task CheckMoveAsync_ByThePersonWhoDroppedTheVersion_IsRefusedForTheChampion(string manifest, string alias, bool isRefused)
    {
        using var kit = new LifecycleKit(azurite);
        DropInput drop = await kit.DropAsync(
            "1", "iris", ("model.onnx", "flights/1/model.onnx"), ("model.json", Encoding.UTF8.GetBytes(manifest)));
        await kit.RegisterAsync(drop with { Drop = drop.Drop with { Actor = Ann } });
        var service = new FourEyesService(kit.Registry.Store, kit.Registry.Versions);

        Exception? byAnn = await Record.ExceptionAsync(
            () => service.CheckMoveAsync(new VersionName(Model, 1), AliasName.Parse(alias), Ann, Token));
        await service.CheckMoveAsync(new VersionName(Model, 1), AliasName.Parse(alias), new Identity("ben", "key", "key 2"), Token);
        await service.CheckMoveAsync(new VersionName(Model, 7), AliasName.Parse(alias), Ann, Token);

        Assert.Equal(isRefused ? ErrorCode.Forbidden : null, (byAnn as ServiceException)?.Code);
        Assert.Equal([Ann], await service.DroppersAsync(new VersionName(Model, 1), Token));
        Assert.Empty(await service.DroppersAsync(new VersionName(Model, 2), Token));
    }
}
