using System.Net;
using System.Net.Sockets;
using Azure.Storage.Blobs;
using Modeldrop.Standalone.Hosting;

namespace Modeldrop.Tests.Standalone;

public sealed class HostProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_PortInUse_PrintsOneSentenceAndExitsWithCode1()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        using HostProcess host = HostProcess.Start(
            new() { ["ASPNETCORE_URLS"] = address, ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true" });

        Assert.Equal(1, await host.WaitForExitAsync());

        Assert.Equal($"{HostAddress.InUseMessage(address)}\n", (await host.Errors).ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Killed_EmulatorThatItStarted_ExitsAndKeepsItsData()
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, string> environment = new() { ["Host__DataPath"] = folder.Path };
        using (HostProcess host = HostProcess.Start(environment))
        {
            string connection = await host.Connection.WaitAsync(Cancellation);
            await new BlobContainerClient(connection, "kept").CreateAsync(cancellationToken: Cancellation);
            host.Kill();
            await host.WaitForExitAsync();
        }

        // Immediately, while the emulator of the dead host may still be writing.
        using HostProcess next = HostProcess.Start(environment);
        string nextConnection = await next.Connection.WaitAsync(Cancellation);
        Assert.True(await new BlobContainerClient(nextConnection, "kept").ExistsAsync(Cancellation));
        next.Kill();
        await Poll.UntilAsync(() => !File.Exists(Path.Combine(folder.Path, "azurite.alive")), "the emulator to end");
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Signal_Host_StopsItsEmulatorAndExitsWithCode0(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "No signals there.");
        using var folder = new TemporaryFolder();
        using HostProcess host = HostProcess.Start(new() { ["Host__DataPath"] = folder.Path });
        await host.Connection.WaitAsync(Cancellation);
        Assert.True(File.Exists(Path.Combine(folder.Path, "azurite.alive")));

        await host.SignalAsync(signal);

        Assert.Equal(0, await host.WaitForExitAsync());
        Assert.False(File.Exists(Path.Combine(folder.Path, "azurite.alive")));
        Assert.Equal("", await host.Errors);
    }

    [Fact]
    public async Task Log_HostStarts_IsOneLineInUtcWithoutLinesOfThePlatform()
    {
        using HostProcess host = HostProcess.Start(new() { ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true" });
        await host.Connection.WaitAsync(Cancellation);

        // The console logger writes on a separate thread.
        await Poll.UntilAsync(() => host.Output.Contains("Listening", StringComparison.Ordinal), "the log line");
        string line = host.Output.Split('\n').Single(line => line.Contains("Listening", StringComparison.Ordinal));
        Assert.Matches(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info: Modeldrop\.Standalone\.Hosting\.StandaloneHost\[9040\] Listening on http://127\.0\.0\.1:\d+\.$",
            line);
        Assert.DoesNotContain("Microsoft", host.Output, StringComparison.Ordinal);
    }
}
