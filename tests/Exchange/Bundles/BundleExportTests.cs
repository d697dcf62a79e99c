using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Exchange.Bundles;
using Modeldrop.Names;
using Modeldrop.Storage;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Exchange.Bundles;

public sealed class BundleExportTests(AzuriteFixture azurite)
{
    private static readonly (string, string)[] Files =
        [("model.onnx", "model"), ("model.json", "{}"), ("weights.data", "w"), ("reference.csv", "x\n1\n"), ("card.md", "# Late")];

    private readonly BundleKit _kit = new(azurite);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_Version_HasItsFilesAndDocumentsWithTheirHashes()
    {
        VersionName version = await _kit.RegisterAsync(Files);

        SortedDictionary<string, byte[]> entries = BundleKit.Unpack(await _kit.ExportAsync(version));

        Assert.Equal(
            [
                "bundle.json", "bundle.sha256", "documents/history.json", "documents/report.json", "documents/version.json",
                "files/card.md", "files/model.json", "files/model.onnx", "files/weights.data",
            ],
            entries.Keys);
        Assert.Equal("model", Encoding.UTF8.GetString(entries["files/model.onnx"]));
        Assert.Equal($"{Hash(entries["bundle.json"])}  bundle.json\n", Encoding.UTF8.GetString(entries["bundle.sha256"]));
        BundleList list = JsonSerializer.Deserialize<BundleList>(entries["bundle.json"], StoredJson.Options)!;
        Assert.All(list.Entries, entry => Assert.Equal((entry.Bytes, entry.Sha256), (
            entries[entry.Path].Length, Hash(entries[entry.Path]))));
        Assert.Equal(entries.Keys.Except(["bundle.json", "bundle.sha256"]), list.Entries.Select(entry => entry.Path));
        Assert.Equal("reference.csv", Assert.Single(list.Omitted).Path);
        Assert.Equal(("dev", "flights", 1, Hash(entries["documents/report.json"])), (
            list.Origin.Installation, list.Origin.Model.Value, list.Origin.Version, list.Origin.ReportSha256));
        using JsonDocument history = JsonDocument.Parse(entries["documents/history.json"]);
        Assert.Equal(
            ["versionRegistered", "versionStatusChanged", "versionStatusChanged"],
            history.RootElement.EnumerateArray().Select(happened => happened.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task WriteAsync_Twice_GivesTheSameBytesDespiteLaterEvents()
    {
        VersionName version = await _kit.RegisterAsync(Files);
        byte[] first = await _kit.ExportAsync(version, withData: true);
        _kit.Registry.Clock.Advance(TimeSpan.FromDays(1));
        await _kit.Registry.Service.MoveAliasAsync(version.Model, AliasName.Champion, 1, null, RegistryKit.By("later"), Token);
        await _kit.Registry.Service.DescribeAsync(version.Model, "other words", null, RegistryKit.By("later"), Token);
        await _kit.Registry.ValidateAsync("another");

        byte[] second = await _kit.ExportAsync(version, withData: true);

        Assert.Equal(Hash(first), Hash(second));
        Assert.Contains("files/reference.csv", BundleKit.Unpack(first).Keys);
        Assert.NotEqual(Hash(first), Hash(await _kit.ExportAsync(version)));
    }

    [Fact]
    public async Task WriteAsync_Bundle_IsReadByPythonsZipfile()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "There is no Python here.");
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.bundle.zip");
        await File.WriteAllBytesAsync(path, await _kit.ExportAsync(await _kit.RegisterAsync(Files)), Token);
        try
        {
            const string Program = """
                import sys, zipfile
                archive = zipfile.ZipFile(sys.argv[1])
                assert archive.testzip() is None
                assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
                assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())
                print(archive.read("files/model.onnx").decode())
                """;
            var start = new ProcessStartInfo("/usr/bin/python3", ["-c", Program, path]) { RedirectStandardOutput = true };
            using Process python = Process.Start(start)!;
            string output = await python.StandardOutput.ReadToEndAsync(Token);
            await python.WaitForExitAsync(Token);
            Assert.Equal((0, "model\n"), (python.ExitCode, output));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task PlanAsync_VersionBeforeItsDecision_IsRefused()
    {
        await _kit.Registry.RegisterAsync("op", "model");

        ServiceException early = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Export.PlanAsync(new VersionName(RegistryKit.Flights, 1), withData: false, Token));
        ServiceException none = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Export.PlanAsync(new VersionName(RegistryKit.Flights, 2), withData: false, Token));

        Assert.Equal((ErrorCode.VersionNotReady, ErrorCode.VersionNotFound), (early.Code, none.Code));
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
