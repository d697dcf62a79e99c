using System.Security.Cryptography;
using System.Text;
using Modeldrop.Drops;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Drops;

public sealed class DropStagingTests(AzuriteFixture azurite)
{
    private static readonly OperationId One = Ids.Operation("op-1");
    private static readonly OperationId Two = Ids.Operation("op-2");
    private static readonly DropPath Path = DropPath.Find("flights/a/Late.ONNX")!;

    private readonly RegistryKit _kit = new(
        azurite, new RegistryOptions { MaxModelBytes = 10_000_000, MaxCompanionBytes = 100, MaxCompanions = 3 });

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StageAsync_Package_IsCopiedHashedAndRecorded()
    {
        await _kit.DropAsync("flights/a/model.json", "{}");
        await _kit.DropAsync("flights/a/weights.data", "w");
        await _kit.DropAsync("flights/a/rejected.json", "old answer");
        await _kit.DropAsync("flights/a/second.onnx", "another drop");
        await _kit.DropAsync("flights/a/deeper/x.csv", "not ours");
        await _kit.DropAsync("flights/model.json", "not ours");
        string etag = await _kit.DropAsync(Path.BlobName, "model");

        StagedDrop drop = (await StageAsync(One, etag)).Drop!;

        Assert.Equal(["model.onnx", "model.json", "weights.data"], drop.Files.Select(file => file.Path));
        Assert.Equal(new VersionFile("model.onnx", 5, Hash("model")), drop.Files[0]);
        Assert.Equal(Hash($"model.json\n{Hash("{}")}\nmodel.onnx\n{Hash("model")}\nweights.data\n{Hash("w")}\n"), drop.Digest);
        Assert.Equal(
            (One, "flights", "a", Path.BlobName, etag.Trim('"')), (
                drop.Operation, drop.Model.Value, drop.Label, drop.DroppedAs, drop.ETag));
        string[] blobs = [.. drop.Files.Select(file => $"{drop.Folder}/{file.Path}"), $"{One}/staged.json"];
        Assert.Equal(blobs.Order(StringComparer.Ordinal), await _kit.BlobsAsync(BlobContainers.Staging));
        Assert.Equal("w", await _kit.ReadAsync(BlobContainers.Staging, $"{drop.Folder}/weights.data"));
    }

    [Fact]
    public async Task LookAsync_Folder_HasTheFilesOfTheDropAndTheCompanionsOfTheManifest()
    {
        await _kit.DropAsync("flights/a/weights.data", "w");
        await _kit.DropAsync("flights/a/rejected.json", "old answer");
        await _kit.DropAsync("flights/a/second.onnx", "another drop");
        await _kit.DropAsync("flights/a/deeper/x.csv", "not ours");
        string etag = await _kit.DropAsync(Path.BlobName, "model");
        DropFolder before = await _kit.Staging.LookAsync(Path, withManifest: true, Cancelled);
        await _kit.DropAsync("flights/a/_READY", "");
        await _kit.DropAsync("flights/a/model.json", """{"companions": ["weights.data", "reference.csv"]}""");

        DropFolder folder = await _kit.Staging.LookAsync(Path, withManifest: true, Cancelled);

        Assert.Equal(["Late.ONNX", "weights.data"], before.Files.Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.Null(before.Companions);
        Assert.Equal(
            ["Late.ONNX", "_READY", "model.json", "weights.data"], folder.Files.Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["weights.data", "reference.csv"], folder.Companions);
        Assert.Equal(etag.Trim('"'), folder.Find("Late.ONNX")!.ETag);
        Assert.All(folder.Files, file => Assert.InRange(file.ModifiedAt, folder.At.AddMinutes(-5), folder.At));
        Assert.DoesNotContain("_READY", (await StageAsync(One, etag)).Drop!.Files.Select(file => file.Path));
        await _kit.DropAsync("flights/a/model.json", "no manifest");
        Assert.Null((await _kit.Staging.LookAsync(Path, withManifest: true, Cancelled)).Companions);
    }

    [Fact]
    public async Task StageAsync_Repeated_GivesTheFirstResultDespiteLaterDrops()
    {
        string etag = await _kit.DropAsync(Path.BlobName, "model");
        StagedDrop first = (await StageAsync(One, etag)).Drop!;
        await _kit.DropAsync(Path.BlobName, "newer");

        StagedDrop again = (await StageAsync(One, etag.Trim('"'))).Drop!;

        Assert.Equal((first.Folder, first.Digest, first.StagedAt), (again.Folder, again.Digest, again.StagedAt));
        Assert.Equal(2, (await _kit.BlobsAsync(BlobContainers.Staging)).Count);
    }

    [Fact]
    public async Task StageAsync_AfterAnInterruptedAttempt_LeavesNothingOfIt()
    {
        string etag = await _kit.DropAsync(Path.BlobName, "model");
        await _kit.Account.Container(BlobContainers.Staging).GetBlobClient($"{One}/0123/model.onnx")
            .UploadAsync(new BinaryData("half"), Cancelled);

        StagedDrop drop = (await StageAsync(One, etag)).Drop!;

        Assert.Equal([$"{drop.Folder}/model.onnx", $"{One}/staged.json"], await _kit.BlobsAsync(BlobContainers.Staging));
    }

    [Fact]
    public async Task StageAsync_TwiceAtOnce_MakesOnePackage()
    {
        string etag = await _kit.DropAsync(Path.BlobName, "model");
        StagingResult[] results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StageAsync(One, etag)));

        string folder = Assert.Single(results.Select(result => result.Drop!.Folder).Distinct());
        Assert.Equal("model", await _kit.ReadAsync(BlobContainers.Staging, $"{folder}/model.onnx"));
    }

    [Fact]
    public async Task StageAsync_ReplacedByANewerModel_IsSuperseded()
    {
        string etag = await _kit.DropAsync(Path.BlobName, "model");
        await _kit.DropAsync(Path.BlobName, "newer");

        Assert.True((await StageAsync(One, etag)).Superseded);
        await _kit.Account.Container(BlobContainers.Drop).DeleteBlobAsync(Path.BlobName, cancellationToken: Cancelled);
        Assert.True((await StageAsync(One, etag)).Superseded);
        Assert.Empty(await _kit.BlobsAsync(BlobContainers.Staging));
    }

    [Fact]
    public async Task StageAsync_SeveralErrors_IsRefusedWithAllReasons()
    {
        foreach (string name in (string[])["reference.csv", "reference.parquet", "Card.md", "card.md"])
        {
            await _kit.DropAsync($"flights/a/{name}", name);
        }

        await _kit.DropAsync("flights/a/weights.data", new string('w', 101));
        string etag = await _kit.DropAsync(Path.BlobName, new string('m', 10_000_001));

        StagingResult result = await StageAsync(One, etag);

        Assert.Null(result.Drop);
        Assert.Equal(5, result.Reasons.Count);
        Assert.Contains("'Late.ONNX' has 10000001 bytes; at most 10000000 are accepted.", result.Reasons);
        Assert.Contains("'weights.data' has 101 bytes; at most 100 are accepted.", result.Reasons);
        Assert.Contains("5 files are beside the model; at most 3 are accepted.", result.Reasons);
        Assert.Empty(await _kit.BlobsAsync(BlobContainers.Staging));
        DropPath illegal = DropPath.Find("model.onnx")!;
        Assert.Equal(illegal.Violations, (await _kit.Staging.StageAsync(Two, illegal, "x", seen: null, Cancelled)).Reasons);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4 * 1024 * 1024)]
    [InlineData((4 * 1024 * 1024) + 1)]
    [InlineData(9_999_999)]
    public async Task StageAsync_AnySize_KeepsEveryByte(int size)
    {
        var random = new Random(size);
        string content = string.Concat(Enumerable.Range(0, size).Select(_ => (char)random.Next('a', 'z')));
        string etag = await _kit.DropAsync(Path.BlobName, content);

        StagedDrop drop = (await StageAsync(One, etag)).Drop!;

        Assert.Equal(new VersionFile("model.onnx", size, Hash(content)), drop.Files[0]);
        string folder = Directory.CreateTempSubdirectory("modeldrop-staging-").FullName;
        await _kit.Staging.DownloadAsync(One, System.IO.Path.Combine(folder, "new"), Cancelled);
        Assert.Equal(content, await File.ReadAllTextAsync(System.IO.Path.Combine(folder, "new", "model.onnx"), Cancelled));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task DeleteAsync_Repeated_LeavesNothing()
    {
        await StageAsync(One, await _kit.DropAsync(Path.BlobName, "model"));
        await StageAsync(Ids.Operation("op-11"), await _kit.DropAsync(Path.BlobName, "model"));

        await _kit.Staging.DeleteAsync(One, Cancelled);
        await _kit.Staging.DeleteAsync(One, Cancelled);

        Assert.Null(await _kit.Staging.ReadAsync(One, Cancelled));
        string other = $"{Ids.Operation("op-11")}/";
        Assert.All(await _kit.BlobsAsync(BlobContainers.Staging), blob => Assert.StartsWith(other, blob, StringComparison.Ordinal));
        ServiceException missing = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Staging.DownloadAsync(One, "nowhere", Cancelled));
        Assert.Equal(ErrorCode.FileNotFound, missing.Code);
    }

    [Fact]
    public async Task RejectAsync_Repeated_WritesOneAnswerBesideTheDropUntilItIsCleared()
    {
        await _kit.Staging.RejectAsync(Path, One, ["too slow", "too large"], Cancelled);
        DropRejection first = (await _kit.Staging.FindRejectionAsync(Path, Cancelled))!;
        _kit.Clock.Advance(TimeSpan.FromMinutes(1));
        await _kit.Staging.RejectAsync(Path, One, ["too slow", "too large"], Cancelled);

        Assert.Equal(["flights/a/rejected.json"], await _kit.BlobsAsync(BlobContainers.Drop));
        DropRejection again = (await _kit.Staging.FindRejectionAsync(Path, Cancelled))!;
        Assert.Equal((Path.BlobName, One, first.At), (again.Path, again.Operation, again.At));
        Assert.Equal(["too slow", "too large"], again.Reasons);

        await _kit.Staging.RejectAsync(Path, Two, ["unreadable"], Cancelled);
        Assert.Equal(Two, (await _kit.Staging.FindRejectionAsync(Path, Cancelled))!.Operation);
        await _kit.Staging.ClearRejectionAsync(Path, Cancelled);
        await _kit.Staging.ClearRejectionAsync(Path, Cancelled);
        Assert.Empty(await _kit.BlobsAsync(BlobContainers.Drop));
    }

    private Task<StagingResult> StageAsync(OperationId operation, string etag) =>
        _kit.Staging.StageAsync(operation, Path, etag, seen: null, Cancelled);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
