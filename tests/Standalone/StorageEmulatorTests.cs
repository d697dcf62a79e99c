using Azure.Storage.Blobs;
using Modeldrop.Standalone.Emulator;

namespace Modeldrop.Tests.Standalone;

public sealed class StorageEmulatorTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StartAsync_WithoutDefaultPorts_ListensOnFreePorts()
    {
        var blobs = new BlobServiceClient(azurite.ConnectionString);

        await blobs.GetPropertiesAsync(Cancellation);

        Assert.DoesNotContain(":10000/", azurite.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_SameFolderAfterStop_HasTheData()
    {
        using var folder = new TemporaryFolder();
        StorageEmulatorOptions options = Options(folder);
        await using (StorageEmulator first = await StorageEmulator.StartAsync(options, Cancellation))
        {
            await new BlobContainerClient(first.ConnectionString, "kept").CreateAsync(cancellationToken: Cancellation);
        }

        await using StorageEmulator second = await StorageEmulator.StartAsync(options, Cancellation);

        Assert.True(await new BlobContainerClient(second.ConnectionString, "kept").ExistsAsync(Cancellation));
        Assert.True(File.Exists(Path.Combine(folder.Path, "azurite.alive")));
    }

    [Fact]
    public async Task DisposeAsync_Always_EndsTheProcess()
    {
        using var folder = new TemporaryFolder();
        StorageEmulator emulator = await StorageEmulator.StartAsync(Options(folder), Cancellation);

        await emulator.DisposeAsync();

        // Deleting this file is the wrapper's last step.
        Assert.False(File.Exists(Path.Combine(folder.Path, "azurite.alive")));
    }

    [Fact]
    public async Task EnsureAsync_UnfinishedInstallation_IsRepeated()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "azurite", "node_modules"));
        Directory.CreateDirectory(Path.Combine(folder.Path, "azurite-leftover"));
        var progress = new List<string>();

        string installation = await EmulatorInstall.EnsureAsync(
            new StorageEmulatorOptions { ToolsPath = folder.Path, Progress = progress.Add }, Cancellation);

        Assert.True(File.Exists(Path.Combine(installation, EmulatorInstall.Script)));
        Assert.Equal([installation], Directory.GetDirectories(folder.Path));
        Assert.Equal(2, progress.Count);
    }

    [Fact]
    public async Task StartAsync_OnAFolder_ReportsProgressAndDuration()
    {
        using var folder = new TemporaryFolder();
        var progress = new List<string>();

        await using StorageEmulator emulator = await StorageEmulator.StartAsync(
            Options(folder) with { Progress = progress.Add }, Cancellation);

        Assert.Collection(
            progress.TakeLast(2),
            line => Assert.StartsWith("Starting the storage emulator (Azurite) on ", line, StringComparison.Ordinal),
            line => Assert.Matches(@"^Started the storage emulator in \d+\.\d s\.$", line));
    }

    private static StorageEmulatorOptions Options(TemporaryFolder folder) =>
        new() { DataPath = folder.Path, ToolsPath = AzuriteFixture.ToolsPath, PreferDefaultPorts = false };
}
