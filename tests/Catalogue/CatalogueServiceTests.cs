using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Catalogue;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Drills;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tests.Predictions;

namespace Modeldrop.Tests.Catalogue;

public sealed class CatalogueServiceTests(AzuriteFixture azurite)
{
    private const int Models = 230;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ListAsync_ManyModels_IsPagedAndCostsTheSameForEachPage()
    {
        var world = new LogWorld(azurite);
        var requests = new FaultPolicy();
        var account = new StorageAccount(Options.Create(world.Settings), [requests]);
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
        var registry = new RegistryStore(account, clock);
        var drift = new DriftStore(account);
        for (int number = 0; number < Models; number++)
        {
            await registry.AppendAsync(NameOf(number), head => [new ModelDescribed("", null) { Actor = Actor.System }], Token);
        }

        await registry.AppendAsync(NameOf(150), head =>
        [
            new VersionRegistered(1, "d1", "m1") { Actor = Actor.System },
            new AliasMoved("champion", null, 1, RolledBack: false) { Actor = Actor.System },
        ], Token);
        await drift.WriteAsync(NameOf(150), Report(new VersionName(NameOf(150), 1), "It drifts."), Token);
        await drift.WriteAsync(NameOf(150), Report(new VersionName(NameOf(150), 2), "Of a version that does not serve."), Token);
        await drift.WriteAsync(NameOf(151), Report(new VersionName(NameOf(151), 1), "Of a model without a champion."), Token);
        var versions = new VersionStore(account);
        var catalogue = new CatalogueService(registry, versions, drift, new DrillReports(versions), clock);

        List<ModelRow> rows = [];
        for (int page = 1; page <= 3; page++)
        {
            int before = requests.Requests;
            CatalogueView view = await catalogue.ListAsync(page, Token);
            Assert.Equal((page, 3, 2), (view.Page, view.Pages, requests.Requests - before));
            rows.AddRange(view.Models);
        }

        Assert.Equal(Enumerable.Range(0, Models).Select(number => NameOf(number).Value), rows.Select(row => row.Head.Name.Value));
        ModelRow checkedRow = Assert.Single(rows, row => row.Drift is not null);
        Assert.Equal((NameOf(150).Value, "It drifts."), (checkedRow.Head.Name.Value, checkedRow.Drift!.Summary));
        Assert.Equal(3, (await catalogue.ListAsync(99, Token)).Page);
        Assert.Equal(NameOf(7), (await catalogue.GetAsync(NameOf(7), Token)).Selected!.Head.Name);
    }

    [Fact]
    public async Task GetAsync_ModelThatWasOnlyRefused_HasItsReasonsAtTwoRequests()
    {
        var world = new LogWorld(azurite);
        var requests = new FaultPolicy();
        var account = new StorageAccount(Options.Create(world.Settings), [requests]);
        var registry = new RegistryStore(account, TimeProvider.System);
        var versions = new VersionStore(account);
        var catalogue = new CatalogueService(
            registry, versions, new DriftStore(account), new DrillReports(versions), TimeProvider.System);
        await registry.AppendAsync(
            ModelName.Parse("odd"), _ => [new DropRejected("odd/model.onnx", ["No label."]) { Actor = Actor.System }], Token);
        int before = requests.Requests;

        CatalogueView view = await catalogue.GetAsync(ModelName.Parse("odd"), Token);

        Assert.Equal(2, requests.Requests - before);
        Assert.Equal(["No label."], Assert.IsType<DropRejected>(Assert.Single(view.Refused!.Events)).Reasons);
        Assert.Equal(
            ErrorCode.ModelNotFound,
            (await Assert.ThrowsAsync<ServiceException>(() => catalogue.GetAsync(ModelName.Parse("nobody"), Token))).Code);
    }

    private static ModelName NameOf(int number) => ModelName.Parse($"model-{number:d3}");

    private static DriftReport Report(VersionName version, string summary) => new()
    {
        Model = version.Model,
        Version = version.Number,
        Status = DriftStatus.Checked,
        Summary = summary,
        Drifted = false,
        From = DateTimeOffset.UnixEpoch,
        To = DateTimeOffset.UnixEpoch.AddHours(1),
        CheckedAt = DateTimeOffset.UnixEpoch.AddHours(2),
        Records = 1,
        Rows = 1,
        ReferenceRows = 1,
        OtherRows = 0,
        Baseline = "reference",
        Significance = 0.01,
        MinimumDistance = 0.1,
        MinimumRows = 100,
        Features = [],
        Transactions = 1,
    };
}
