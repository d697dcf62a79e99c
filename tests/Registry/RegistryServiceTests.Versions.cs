using Modeldrop.Errors;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Registry;

public sealed partial class RegistryServiceTests
{
    [Fact]
    public async Task RegisterVersionAsync_NewPackage_IsTheNextVersionWithItsFiles()
    {
        await _kit.DropAsync("flights/one/card.md", "# card");
        StagedDrop drop = await _kit.StageAsync("one", "model one");

        RegisteredVersion registered = await Service.RegisterVersionAsync(RegistryKit.Registration(drop), Cancelled);

        Assert.Equal(new RegisteredVersion(ModelName.Parse("flights"), 1, Existing: false), registered);
        ModelVersion record = await new VersionStore(_kit.Account).GetAsync(new VersionName(Flights, 1), Cancelled);
        Assert.Equal(
            (drop.Digest, drop.Files[0].Sha256, "one", Ids.Operation("one")),
            (record.Digest, record.ModelSha256, record.SourceLabel, record.Operation));
        Assert.Equal(
            RegistryKit.Registration(drop).Inspection.Signature.Inputs[0].ToString(), record.Inspection.Signature.Inputs[0].ToString());
        Assert.Equal(["flights/1/card.md", "flights/1/model.onnx", "flights/1/version.json"], await _kit.BlobsAsync(BlobContainers.Models));
        await using Stream stream = await _kit.Versions.OpenAsync(new VersionName(Flights, 1), "model.onnx", Cancelled);
        Assert.Equal("model one", await new StreamReader(stream).ReadToEndAsync(Cancelled));
        var happened = Assert.IsType<VersionRegistered>(Assert.Single(await _kit.EventsAsync()));
        Assert.Equal(new Actor("ann", "nightly", Ids.Operation("one")), happened.Actor);
    }

    [Fact]
    public async Task RegisterVersionAsync_DescriptionInTheManifest_IsUsedIfTheModelHasNone()
    {
        var ops = new Dictionary<string, string> { ["team"] = "ops" };
        await DescribedAsync("one", new Manifest());
        ModelHead bare = await Service.GetAsync(Flights, Cancelled);
        await DescribedAsync("two", new Manifest { Description = "late flights", Tags = ops });
        ModelHead described = await Service.GetAsync(Flights, Cancelled);
        await DescribedAsync(
            "three", new Manifest { Description = "other words", Tags = new Dictionary<string, string> { ["team"] = "lab" } });

        Assert.Equal(("", 0), (bare.Description, bare.Tags.Count));
        Assert.Equal(("late flights", "ops"), (described.Description, described.Tags["team"]));
        ModelHead head = Assert.Single((await Service.ListAsync(new ModelQuery(Search: "LATE", Tag: "team=ops"), Cancelled)).Models);
        Assert.Equal(("late flights", 3L), (head.Description, head.Sequence));
        await _kit.AssertHeadIsSumOfEventsAsync("flights");

        async Task DescribedAsync(string operation, Manifest manifest) =>
            await Service.RegisterVersionAsync(
                RegistryKit.Registration(await _kit.StageAsync(operation, operation)) with { Manifest = manifest }, Cancelled);
    }

    [Fact]
    public async Task RegisterVersionAsync_Repeated_IsTheSameVersionAndNotReportedAsExisting()
    {
        StagedDrop drop = await _kit.StageAsync("one", "model one");
        VersionRegistration registration = RegistryKit.Registration(drop);
        RegisteredVersion first = await Service.RegisterVersionAsync(registration, Cancelled);
        await _kit.RegisterAsync("two", "model two");

        Assert.Equal(first, await Service.RegisterVersionAsync(registration, Cancelled));
        Assert.Equal(2, (await _kit.EventsAsync()).Count);
    }

    [Fact]
    public async Task RegisterVersionAsync_SameFilesFromAnotherOperation_AreTheExistingVersion()
    {
        await _kit.RegisterAsync("one", "model one");
        await _kit.RegisterAsync("two", "model two");
        StagedDrop again = await _kit.StageAsync("three", "model one");

        RegisteredVersion registered = await Service.RegisterVersionAsync(RegistryKit.Registration(again), Cancelled);

        Assert.Equal((1, true), (registered.Version, registered.Existing));
        Assert.Equal(4, (await _kit.BlobsAsync(BlobContainers.Models)).Count);
        Assert.Equal(2, (await _kit.EventsAsync()).Count);
    }

    [Fact]
    public async Task RegisterVersionAsync_StoppedAfterTheFiles_ContinuesWithThem()
    {
        StagedDrop drop = await _kit.StageAsync("one", "model one");
        await _kit.WriteAsync(Record(drop, 1), drop.Folder);

        await Service.RegisterVersionAsync(RegistryKit.Registration(drop), Cancelled);

        Assert.Equal(["flights/1/model.onnx", "flights/1/version.json"], await _kit.BlobsAsync(BlobContainers.Models));
        Assert.Single(await _kit.EventsAsync());
    }

    [Fact]
    public async Task RegisterVersionAsync_FilesOfADeadOperation_AreReplaced()
    {
        await _kit.DropAsync("flights/dead/weights.data", "weights");
        StagedDrop dead = await _kit.StageAsync("dead", "dead model");
        await _kit.WriteAsync(Record(dead, 1), dead.Folder);

        Assert.Equal(1, await _kit.RegisterAsync("one", "model one"));

        Assert.Equal(["flights/1/model.onnx", "flights/1/version.json"], await _kit.BlobsAsync(BlobContainers.Models));
        Assert.Equal(Ids.Operation("one"), (await _kit.Versions.GetAsync(new VersionName(Flights, 1), Cancelled)).Operation);
    }

    [Fact]
    public async Task RegisterVersionAsync_StalledOperation_CannotChangeTheVersionLater()
    {
        // A stalled registration at each point: before its claim, after it, and with part of its files written.
        await _kit.DropAsync("flights/sleeper/weights.data", "weights");
        StagedDrop sleeper = await _kit.StageAsync("sleeper", "sleeping model");
        VersionFolder early = await _kit.Versions.ReadFolderAsync(new VersionName(Flights, 1), Cancelled);
        VersionClaim claim = await _kit.Store.ClaimAsync(new VersionName(Flights, 1), Ids.Operation("sleeper"), Cancelled);
        await _kit.WriteAsync(Record(sleeper, 1), sleeper.Folder);
        VersionFolder late = await _kit.Versions.ReadFolderAsync(new VersionName(Flights, 1), Cancelled);

        Assert.Equal(1, await _kit.RegisterAsync("one", "model one"));
        Assert.False(await _kit.Versions.TryWriteAsync(Record(sleeper, 1), sleeper.Folder, early, Cancelled));
        Assert.False(await _kit.Versions.TryWriteAsync(Record(sleeper, 1), sleeper.Folder, late, Cancelled));
        Assert.Null(
            await _kit.Store.TryAppendAsync(Flights, Ids.Operation("sleeper"), claim, (_, _) => [Registered(sleeper)], Cancelled));

        Assert.Equal("model one", await ReadAsync(1));
        RegisteredVersion woken = await Service.RegisterVersionAsync(RegistryKit.Registration(sleeper), Cancelled);
        Assert.Equal((2, "sleeping model"), (woken.Version, await ReadAsync(2)));
        Assert.Equal(5, (await _kit.BlobsAsync(BlobContainers.Models)).Count);
    }

    [Fact]
    public async Task RegisterVersionAsync_RepeatedRunWithOwnFiles_IsNotOverwrittenByAnEarlierClaim()
    {
        // "other" read the folder and claimed first; "one" finds its own file there and must not leave it in the state that "other" saw.
        StagedDrop one = await _kit.StageAsync("one", "model one");
        StagedDrop other = await _kit.StageAsync("other", "other model");
        await _kit.WriteAsync(Record(one, 1), one.Folder);
        VersionFolder seen = await _kit.Versions.ReadFolderAsync(new VersionName(Flights, 1), Cancelled);
        await _kit.Store.ClaimAsync(new VersionName(Flights, 1), Ids.Operation("other"), Cancelled);

        await Service.RegisterVersionAsync(RegistryKit.Registration(one), Cancelled);

        Assert.False(await _kit.Versions.TryWriteAsync(Record(other, 1), other.Folder, seen, Cancelled));
        Assert.Equal("model one", await ReadAsync(1));
    }

    [Fact]
    public async Task RegisterVersionAsync_ManyAtOnce_EachMakesOneVersionWithItsFiles()
    {
        StagedDrop[] drops = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(number => _kit.StageAsync($"op-{number}", $"model {number}")));

        // Each operation runs twice at the same time, as after a take-over by another host.
        RegisteredVersion[] registered = await Task.WhenAll(drops.Concat(drops)
            .Select(drop => Service.RegisterVersionAsync(RegistryKit.Registration(drop), Cancelled)));

        ModelHead head = await Service.GetAsync(Flights, Cancelled);
        Assert.Equal(6, head.Versions.Length);

        // In the order of the requests: no one lost a number to a faster one.
        Assert.Equal(Enumerable.Range(1, 6), registered[..6].Select(version => version.Version));
        Assert.Equal(registered[..6], registered[6..]);
        for (int number = 0; number < 6; number++)
        {
            Assert.Equal($"model {number}", await ReadAsync(registered[number].Version));
            Assert.Equal(
                drops[number].Digest,
                (await new VersionStore(_kit.Account).GetAsync(new VersionName(Flights, registered[number].Version), Cancelled)).Digest);
        }

        Assert.Equal(12, (await _kit.BlobsAsync(BlobContainers.Models)).Count);
        await _kit.AssertHeadIsSumOfEventsAsync("flights");
    }

    [Fact]
    public async Task RegisterVersionAsync_StagingGone_IsAnError()
    {
        StagedDrop drop = await _kit.StageAsync("one", "model one");
        await _kit.Staging.DeleteAsync(Ids.Operation("one"), Cancelled);

        await FailsAsync(ErrorCode.FileNotFound, () => Service.RegisterVersionAsync(RegistryKit.Registration(drop), Cancelled));
        Assert.Empty(await _kit.BlobsAsync(BlobContainers.Models));
    }

    private static ModelVersion Record(StagedDrop drop, int version)
    {
        VersionRegistration registration = RegistryKit.Registration(drop);
        return new ModelVersion
        {
            Model = drop.Model,
            Number = version,
            Digest = drop.Digest,
            ModelSha256 = drop.Files[0].Sha256,
            Files = drop.Files,
            Inspection = registration.Inspection,
            Manifest = registration.Manifest,
            DroppedAt = drop.DroppedAt,
            RegisteredAt = drop.StagedAt,
            Operation = drop.Operation,
        };
    }

    private static VersionRegistered Registered(StagedDrop drop) =>
        new(1, drop.Digest, drop.Files[0].Sha256) { Actor = new Actor("ann", Operation: drop.Operation) };

    private async Task<string> ReadAsync(int version)
    {
        await using Stream stream = await _kit.Versions.OpenAsync(new VersionName(Flights, version), "model.onnx", Cancelled);
        return await new StreamReader(stream).ReadToEndAsync(Cancelled);
    }
}
