using Microsoft.Extensions.Options;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Site.Models;
using Modeldrop.Storage;
using Modeldrop.Tests.Predictions;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Site.Models;

public sealed class ModelPageServiceTests(AzuriteFixture azurite)
{
    private const int Versions = 12;

    /// <summary>The limit in docs/architecture.md.</summary>
    private const int MaxRequests = 33;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindAsync_ManyVersions_ShowsAPageOfThemAtABoundedCost()
    {
        var requests = new FaultPolicy();
        var account = new StorageAccount(Options.Create(new LogWorld(azurite).Settings), [requests]);
        var kit = new RegistryKit(azurite, account: account);
        for (int version = 1; version <= Versions; version++)
        {
            await kit.ValidateAsync($"{version}");
        }

        await kit.Service.MoveAliasAsync(RegistryKit.Flights, AliasName.Champion, 2, null, RegistryKit.By("promote"), Token);
        ModelPageService service = SiteServices.ModelPage(account, kit.Clock);

        int before = requests.Requests;
        ModelView first = (await service.FindAsync(RegistryKit.Flights, 1, "http://localhost", Token))!;
        int cost = requests.Requests - before;
        ModelView last = (await service.FindAsync(RegistryKit.Flights, 99, "http://localhost", Token))!;

        Assert.InRange(cost, 1, MaxRequests);
        Assert.Equal((1, 2), (first.Page, first.Pages));
        Assert.Equal([12, 11, 10, 9, 8, 7, 6, 5, 4, 3], first.Versions.Select(row => row.Entry.Number));
        Assert.Equal([2, 1], last.Versions.Select(row => row.Entry.Number));
        Assert.Equal(2, first.Serving!.Number);
        Assert.Single(first.Events.Take(2).OfType<AliasMoved>());
        ExampleInput input = Assert.Single(first.Example!.Inputs);
        Assert.Equal(("x", "[0, 0, 0, 0]"), (input.Spec.Name, input.Json()));
        Assert.Null(first.Example.Source);
    }

    [Fact]
    public async Task FindRefusedAsync_ModelWithOnlyRefusedDrops_HasTheReasonsForOneRequest()
    {
        var requests = new FaultPolicy();
        var account = new StorageAccount(Options.Create(new LogWorld(azurite).Settings), [requests]);
        await new RegistryStore(account, TimeProvider.System).AppendAsync(
            ModelName.Parse("odd"), _ => [new DropRejected("odd/model.onnx", ["No label."]) { Actor = Actor.System }], Token);
        ModelPageService service = SiteServices.ModelPage(account, TimeProvider.System);
        Assert.Null(await service.FindAsync(ModelName.Parse("odd"), 1, "", Token));
        int before = requests.Requests;

        RefusedModel refused = (await service.FindRefusedAsync(ModelName.Parse("odd"), Token))!;

        Assert.Equal(1, requests.Requests - before);
        Assert.Equal(["No label."], Assert.IsType<DropRejected>(Assert.Single(refused.Events)).Reasons);
        Assert.Null(await service.FindRefusedAsync(ModelName.Parse("nobody"), Token));
    }
}
