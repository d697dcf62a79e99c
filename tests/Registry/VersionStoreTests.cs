using System.Text;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tests.Registry;

public sealed class VersionStoreTests(AzuriteFixture azurite)
{
    private readonly RegistryKit _kit = new(azurite);

    private static ModelName Flights => RegistryKit.Flights;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteDocumentAsync_Document_CanBeReadReplacedAndWrittenAgain()
    {
        StagedDrop drop = await _kit.StageAsync("one", "model one");
        await _kit.Service.RegisterVersionAsync(RegistryKit.Registration(drop), Cancelled);
        await WriteAsync("report.json", "first");
        await WriteAsync("report.json", "second");
        await WriteAsync("plots/roc.svg", "plot");

        await _kit.WriteAsync(await _kit.Versions.GetAsync(new VersionName(Flights, 1), Cancelled), drop.Folder);

        Assert.Equal(
            "second",
            Encoding.UTF8.GetString((await _kit.Versions.FindDocumentAsync(new VersionName(Flights, 1), "report.json", Cancelled))!));
        Assert.Equal(
            ["flights/1/model.onnx", "flights/1/plots/roc.svg", "flights/1/report.json", "flights/1/version.json"],
            await _kit.BlobsAsync("models"));
        Assert.Null(await _kit.Versions.FindDocumentAsync(new VersionName(Flights, 1), "profile.json", Cancelled));
    }

    [Fact]
    public async Task WriteDocumentAsync_OverAFileOfTheVersion_IsRefused()
    {
        await _kit.RegisterAsync("one", "model one");

        await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync("model.onnx", "evil"));
        await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync("version.json", "evil"));
        ServiceException missing = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Versions.WriteDocumentAsync(new VersionName(Flights, 2), "report.json", new byte[1], Cancelled));
        Assert.Equal(ErrorCode.VersionNotFound, missing.Code);
    }

    [Theory]
    [InlineData("none.txt")]
    [InlineData("../1/model.onnx")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("/model.onnx")]
    public async Task OpenAsync_NoSuchFile_IsAnError(string path)
    {
        await _kit.RegisterAsync("one", "model one");

        ServiceException missing = await Assert.ThrowsAsync<ServiceException>(
            () => _kit.Versions.OpenAsync(new VersionName(Flights, 1), path, Cancelled));

        Assert.Equal(ErrorCode.FileNotFound, missing.Code);
    }

    [Fact]
    public async Task FindAsync_Record_IsReadOnce()
    {
        await _kit.RegisterAsync("one", "model one");
        ModelVersion? record = await _kit.Versions.FindAsync(new VersionName(Flights, 1), Cancelled);

        Assert.NotNull(record);
        Assert.Same(record, await _kit.Versions.FindAsync(new VersionName(Flights, 1), Cancelled));
        Assert.Null(await _kit.Versions.FindAsync(new VersionName(Flights, 2), Cancelled));
    }

    private Task WriteAsync(string path, string content) =>
        _kit.Versions.WriteDocumentAsync(new VersionName(Flights, 1), path, Encoding.UTF8.GetBytes(content), Cancelled);
}
