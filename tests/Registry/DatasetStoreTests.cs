using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Registry;

public sealed class DatasetStoreTests(AzuriteFixture azurite)
{
    private static readonly DatasetName January = DatasetName.Parse("flights-2001-01");

    private readonly RegistryKit _kit = new(azurite);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RegisterAsync_SameBytes_GiveTheSameVersion()
    {
        DatasetReference first = await RegisterAsync("aa");
        DatasetReference second = await RegisterAsync("bb");

        Assert.Equal(new DatasetReference("flights-2001-01", 1, "aa"), first);
        Assert.Equal(2, second.Version);
        Assert.Equal(first, await _kit.Datasets.RegisterAsync(Registration("aa") with { Note = "another note" }, Cancelled));

        DatasetVersion record = (await _kit.Datasets.FindAsync(January, 1, Cancelled))!;
        Assert.Equal(("aa", 60_000L, 1_234L, "https://example.com/a.csv", "January", _kit.Clock.GetUtcNow()),
            (record.Digest, record.Rows, record.Bytes, record.Uri, record.Note, record.RegisteredAt));
        Assert.Equal(["distance", "late"], record.Columns);
        Assert.Equal(["aa", "bb"], (await _kit.Datasets.ListVersionsAsync(January, Cancelled)).Select(version => version.Digest));
        Assert.Null(await _kit.Datasets.FindAsync(January, 3, Cancelled));
        Assert.Empty(await _kit.Datasets.ListVersionsAsync(DatasetName.Parse("none"), Cancelled));
    }

    [Fact]
    public async Task RegisterAsync_ManyAtOnce_CountWithoutGaps()
    {
        DatasetReference[] references = await Task.WhenAll(
            Enumerable.Range(0, 24).Select(number => RegisterAsync($"digest-{number % 12}")));

        Assert.Equal(Enumerable.Range(1, 12), references.Select(reference => reference.Version).Distinct().Order());
        Assert.All(references.GroupBy(reference => reference.Digest), same => Assert.Single(same.Distinct()));
    }

    [Fact]
    public async Task LinkAsync_Repeated_MakesOneUse()
    {
        DatasetReference[] references = [await RegisterAsync("aa"), await RegisterAsync("bb")];
        for (int repeat = 0; repeat < 2; repeat++)
        {
            await LinkAsync(references[0], "flights-b", 1);
            await LinkAsync(references[0], "flights", 2);
            await LinkAsync(references[0], "flights", 10);
            await LinkAsync(references[1], "flights", 3);
        }

        DatasetVersion record = (await _kit.Datasets.FindAsync(January, 1, Cancelled))!;
        Assert.Equal([("flights-b", 1), ("flights", 2), ("flights", 10)], record.Uses.Select(use => (use.Model.Value, use.Version)));
        Assert.Equal("flights/2/reference.csv", record.Uses[1].Path);
        Assert.Equal("flights/3/reference.csv", Assert.Single((await _kit.Datasets.FindAsync(January, 2, Cancelled))!.Uses).Path);
    }

    [Fact]
    public async Task ListAsync_DataSets_GivesTheirLatestVersions()
    {
        await RegisterAsync("aa");
        await RegisterAsync("bb");
        await _kit.Datasets.RegisterAsync(Registration("cc") with { Name = DatasetName.Parse("a") }, Cancelled);

        Assert.Equal(
            [("a", 1), ("flights-2001-01", 2)], (await _kit.Datasets.ListAsync(Cancelled)).Select(latest => (latest.Name, latest.Version)));
    }

    private Task<DatasetReference> RegisterAsync(string digest) => _kit.Datasets.RegisterAsync(Registration(digest), Cancelled);

    private Task LinkAsync(DatasetReference dataset, string model, int version) =>
        _kit.Datasets.LinkAsync(dataset, new VersionName(ModelName.Parse(model), version), $"{model}/{version}/reference.csv", Cancelled);

    private static DatasetRegistration Registration(string digest) =>
        new(January, digest, 60_000, ["distance", "late"], 1_234, "https://example.com/a.csv", "January");
}
