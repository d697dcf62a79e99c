using System.IO.Compression;
using System.Text;
using Modeldrop.Drops;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Exchange.Bundles;

/// <summary>Staging a bundle: what is accepted, and everything that is refused.</summary>
public sealed class BundleImportTests(AzuriteFixture azurite)
{
    private const string Blob = "late/from-dev/flights-1.bundle.zip";

    private static readonly (string, string)[] Files =
        [("model.onnx", "model"), ("model.json", "{}"), ("weights.data", "w"), ("reference.csv", "x\n1\n")];

    private readonly BundleKit _there = new(azurite);
    private readonly RegistryKit _here = new(azurite);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StageAsync_Bundle_StagesItsFilesAndItsOrigin()
    {
        VersionName version = await _there.RegisterAsync(Files);
        await _here.DropAsync("late/from-dev/beside.csv", "not ours");
        byte[] bundle = await _there.ExportAsync(version, withData: true);

        StagedDrop drop = (await StageAsync(bundle)).Drop!;

        ModelVersion original = await _there.Registry.Versions.GetAsync(version, Token);
        Assert.Equal(original.Files, drop.Files);
        Assert.Equal((original.Digest, "late", "from-dev"), (drop.Digest, drop.Model.Value, drop.Label));
        StagedBundle from = drop.Bundle!;
        Assert.Equal(("dev", "flights", 1, original.Digest), (
            from.Origin.Installation, from.Origin.Model.Value, from.Origin.Version, from.Origin.Digest));
        Assert.Equal(["bundle.json", .. BundleKit.Unpack(bundle).Keys.Where(name => name.Contains('/'))], from.Entries.Select(
            entry => entry.Path));
        Assert.Equal("w", await _here.ReadAsync(BlobContainers.Staging, $"{drop.Folder}/weights.data"));

        RegisteredVersion made = await _here.Service.RegisterVersionAsync(RegistryKit.Registration(drop), Token);
        ModelVersion record = await _here.Versions.GetAsync(new VersionName(made.Model, made.Version), Token);
        Assert.Equal(from.Origin.ReportSha256, record.Origin!.ReportSha256);
    }

    [Fact]
    public async Task StageAsync_BundleWithoutData_ListsTheOmittedFiles()
    {
        byte[] bundle = await _there.ExportAsync(await _there.RegisterAsync(Files));

        StagedDrop drop = (await StageAsync(bundle)).Drop!;

        Assert.Equal(["model.onnx", "model.json", "weights.data"], drop.Files.Select(file => file.Path));
        Assert.Equal("reference.csv", Assert.Single(drop.Bundle!.Omitted).Path);
    }

    /// <summary>Back to its origin and on to a third installation: the same version, with or without its data.</summary>
    [Fact]
    public async Task RegisterVersionAsync_BundleWithoutData_IsTheExistingVersionWithData()
    {
        VersionName version = await _there.RegisterAsync(Files);
        StagedDrop came = (await StageAsync(await _there.ExportAsync(version))).Drop!;
        RegisteredVersion made = await _here.Service.RegisterVersionAsync(RegistryKit.Registration(came), Token);
        var copy = new VersionName(made.Model, made.Version);
        ModelVersion original = await _there.Registry.Versions.GetAsync(version, Token);
        ModelVersion record = await _here.Versions.GetAsync(copy, Token);
        Assert.Equal(original.FindFile("reference.csv"), Assert.Single(record.Omitted!));

        foreach (VersionStatus status in new[] { VersionStatus.Validating, VersionStatus.Validated })
        {
            await _here.Service.SetStatusAsync(copy, status, null, RegistryKit.By("op"), Token);
        }

        byte[] onward = await new BundleKit(azurite, "test", _here).ExportAsync(copy);
        string etag = await PutAsync(_there.Registry, "flights/back/flights-1.bundle.zip", onward);
        StagedDrop back = (await _there.Registry.Staging.StageAsync(
            Ids.Operation("op-2"), DropPath.Find("flights/back/flights-1.bundle.zip")!, etag, seen: null, Token)).Drop!;
        Assert.Equal("reference.csv", Assert.Single(back.Bundle!.Omitted).Path);
        Assert.Equal(
            new RegisteredVersion(version.Model, version.Number, Existing: true),
            await _there.Registry.Service.RegisterVersionAsync(RegistryKit.Registration(back), Token));

        // The data are new here, so no validation has used them.
        StagedDrop whole = (await StageAsync(await _there.ExportAsync(version, withData: true), operation: "op-3")).Drop!;
        Assert.Equal(
            new RegisteredVersion(copy.Model, 2, Existing: false),
            await _here.Service.RegisterVersionAsync(RegistryKit.Registration(whole), Token));
    }

    /// <summary>Flips one bit of each entry in turn, at its start, middle and end.</summary>
    [Fact]
    public async Task StageAsync_OneFlippedBitInAnyEntry_IsRefusedAndNothingIsStaged()
    {
        byte[] bundle = await _there.ExportAsync(await _there.RegisterAsync(Files), withData: true);
        foreach ((string name, byte[] content) in BundleKit.Unpack(bundle))
        {
            byte[] header = Encoding.UTF8.GetBytes(name);
            int at = StartOf(bundle, header) + header.Length;
            Assert.Equal(content, bundle[at..(at + content.Length)]);
            foreach (int offset in new[] { 0, content.Length / 2, content.Length - 1 })
            {
                byte[] flipped = [.. bundle];
                flipped[at + offset] ^= 0b100;

                StagingResult result = await StageAsync(flipped);

                Assert.True(result.Drop is null, $"{name} at {offset}");
                Assert.Contains(Blob, Assert.Single(result.Reasons), StringComparison.Ordinal);
                await _here.Staging.DeleteAsync(Ids.Operation("op"), Token);
            }
        }

        Assert.Empty(await _here.BlobsAsync(BlobContainers.Staging));
    }

    [Fact]
    public async Task StageAsync_TruncatedOrExtendedBundle_IsRefused()
    {
        byte[] bundle = await _there.ExportAsync(await _there.RegisterAsync(Files));
        int[] lengths = [0, 1, 21, 22, 100, bundle.Length / 2, bundle.Length - 1];

        foreach (byte[] bad in (byte[][])[.. lengths.Select(length => bundle[..length]), [.. bundle, 0], [0, .. bundle]])
        {
            Assert.NotEmpty((await StageAsync(bad)).Reasons);
        }
    }

    [Theory]
    [InlineData("files/../evil.data", "not the name of a bundle entry")]
    [InlineData("/etc/passwd", "not the name of a bundle entry")]
    [InlineData("files/a\\b", "not the name of a bundle entry")]
    [InlineData("files/other.onnx", "not the name of a bundle entry")]
    [InlineData("files/version.json", "not the name of a bundle entry")]
    [InlineData("documents/more.json", "not the name of a bundle entry")]
    [InlineData("files/stranger.data", "is not listed")]
    [InlineData("files/WEIGHTS.DATA", "two entries")]
    [InlineData("files/weights.data", "two entries")]
    public async Task StageAsync_UnknownEntry_IsRefused(string name, string reason)
    {
        byte[] bundle = await _there.ExportAsync(await _there.RegisterAsync(Files));

        StagingResult result = await StageAsync(Change(bundle, archive => Add(archive, name, "x", CompressionLevel.NoCompression)));

        Assert.Contains(reason, Assert.Single(result.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StageAsync_CompressedEntry_IsRefusedBeforeItIsUnpacked()
    {
        byte[] bundle = await _there.ExportAsync(await _there.RegisterAsync(Files));

        StagingResult result = await StageAsync(Change(
            bundle, archive => Add(archive, "files/bomb.data", new string('0', 50_000_000), CompressionLevel.SmallestSize)));

        Assert.Contains("is compressed", Assert.Single(result.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StageAsync_MissingEntry_IsRefused()
    {
        byte[] bundle = await _there.ExportAsync(await _there.RegisterAsync(Files));

        StagingResult result = await StageAsync(Change(bundle, archive => archive.GetEntry("files/weights.data")!.Delete()));

        Assert.Contains("is missing", Assert.Single(result.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StageAsync_FileLargerThanAllowed_IsRefusedByTheRulesOfDrops()
    {
        byte[] bundle = await _there.ExportAsync(await _there.RegisterAsync(Files));
        var small = new RegistryKit(azurite, new RegistryOptions { MaxModelBytes = 4, MaxCompanions = 1 }, _here.Account);

        StagingResult result = await StageAsync(bundle, small);

        Assert.Equal(2, result.Reasons.Count);
        Assert.Contains("'model.onnx' has 5 bytes; at most 4", result.Reasons[0], StringComparison.Ordinal);
    }

    /// <summary>The position of the name in the entry's local header, which has 30 bytes before it.</summary>
    private static int StartOf(byte[] bundle, byte[] name)
    {
        for (int at = 0; ; at++)
        {
            at += bundle.AsSpan(at).IndexOf(name);
            if (at >= 30 && bundle.AsSpan(at - 30, 4).SequenceEqual("PK\u0003\u0004"u8))
            {
                return at;
            }
        }
    }

    private async Task<StagingResult> StageAsync(byte[] bundle, RegistryKit? kit = null, string operation = "op")
    {
        string etag = await PutAsync(_here, Blob, bundle);
        return await (kit ?? _here).Staging.StageAsync(Ids.Operation(operation), DropPath.Find(Blob)!, etag, seen: null, Token);
    }

    private static async Task<string> PutAsync(RegistryKit kit, string blob, byte[] bundle) =>
        (await kit.Account.Container(BlobContainers.Drop).GetBlobClient(blob)
            .UploadAsync(new BinaryData(bundle), overwrite: true, Token)).Value.ETag.ToString();

    private static byte[] Change(byte[] bundle, Action<ZipArchive> change)
    {
        var file = new MemoryStream();
        file.Write(bundle);
        using (var archive = new ZipArchive(file, ZipArchiveMode.Update, leaveOpen: true))
        {
            change(archive);
        }

        return file.ToArray();
    }

    private static void Add(ZipArchive archive, string name, string content, CompressionLevel level)
    {
        using var writer = new StreamWriter(archive.CreateEntry(name, level).Open());
        writer.Write(content);
    }
}
