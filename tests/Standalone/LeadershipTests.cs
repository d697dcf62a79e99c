using System.Globalization;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Standalone;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Standalone;

public sealed class LeadershipTests(AzuriteFixture azurite)
{
    private readonly StandaloneOptions _options = new()
    {
        Container = $"hosts-{Guid.NewGuid():N}",
        LeaseRenewInterval = TimeSpan.FromMilliseconds(200),
        LeaseAcquireInterval = TimeSpan.FromMilliseconds(200),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoHosts_FirstStops_SecondLeadsOnlyThen()
    {
        using Leadership first = Create(TimeProvider.System);
        using Leadership second = Create(TimeProvider.System);
        await first.StartAsync(Cancellation);
        CancellationToken firstLeads = await first.WaitUntilLeaderAsync(Cancellation);
        await second.StartAsync(Cancellation);
        Task<CancellationToken> waiting = second.WaitUntilLeaderAsync(Cancellation);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        Assert.False(waiting.IsCompleted);
        Assert.False(firstLeads.IsCancellationRequested);

        await first.StopAsync(Cancellation);

        Assert.True(firstLeads.IsCancellationRequested);
        Assert.False((await waiting).IsCancellationRequested);
        await second.StopAsync(Cancellation);
    }

    [Fact]
    public async Task LeaderDies_LeaseIsNotReleased_AnotherLeadsWhenItExpires()
    {
        using Leadership first = Create(TimeProvider.System);
        await first.StartAsync(Cancellation);
        await first.WaitUntilLeaderAsync(Cancellation);
        await first.StopAsync(Cancellation);

        // Simulates a killed host, which holds the lease but no longer renews it.
        await Storage().HostContainer.GetBlobClient("leader").GetBlobLeaseClient()
            .AcquireAsync(TimeSpan.FromSeconds(15), cancellationToken: Cancellation);
        long died = TimeProvider.System.GetTimestamp();
        using Leadership second = Create(TimeProvider.System);
        await second.StartAsync(Cancellation);
        await second.WaitUntilLeaderAsync(Cancellation);

        Assert.True(TimeProvider.System.GetElapsedTime(died) >= TimeSpan.FromSeconds(10));
        await second.StopAsync(Cancellation);
    }

    [Fact]
    public async Task LeaseIsBroken_TokenIsCancelled_AndTheHostLeadsAgain()
    {
        using Leadership leadership = Create(TimeProvider.System);
        await leadership.StartAsync(Cancellation);
        CancellationToken leading = await leadership.WaitUntilLeaderAsync(Cancellation);

        await Storage().HostContainer.GetBlobClient("leader").GetBlobLeaseClient()
            .BreakAsync(TimeSpan.Zero, cancellationToken: Cancellation);

        await Poll.UntilAsync(() => leading.IsCancellationRequested, "the lost lease to be noticed");
        Assert.False((await leadership.WaitUntilLeaderAsync(Cancellation)).IsCancellationRequested);
        await leadership.StopAsync(Cancellation);
    }

    [Fact]
    public async Task LeaseCannotBeRenewed_LeaseExpires_TokenIsCancelled()
    {
        // A renewal in flight while the clock moves would confirm the lease after all.
        _options.LeaseRenewInterval = TimeSpan.FromHours(1);
        var clock = new FakeTimeProvider();
        using Leadership leadership = Create(clock);
        await leadership.StartAsync(Cancellation);
        CancellationToken leading = await leadership.WaitUntilLeaderAsync(Cancellation);

        // As after a pause of the whole process: no renewal succeeded, and by the clock the lease may have expired.
        clock.Advance(TimeSpan.FromSeconds(13.5));

        Assert.True(leading.IsCancellationRequested);
        await leadership.StopAsync(Cancellation);
    }

    [Fact]
    public async Task StoreGoesDown_TokenIsCancelled_AndTheHostLeadsAgainAfterwards()
    {
        using var folder = new TemporaryFolder();
        var emulatorOptions =
            new StorageEmulatorOptions { DataPath = folder.Path, ToolsPath = AzuriteFixture.ToolsPath, PreferDefaultPorts = false };
        StorageEmulator emulator = await StorageEmulator.StartAsync(emulatorOptions, Cancellation);
        string connection = emulator.ConnectionString;
        using var leadership = new Leadership(
            Storage(connection), Options.Create(_options), TimeProvider.System, NullLogger<Leadership>.Instance);
        await leadership.StartAsync(Cancellation);
        CancellationToken leading = await leadership.WaitUntilLeaderAsync(Cancellation);

        await emulator.DisposeAsync();
        await Poll.UntilAsync(() => leading.IsCancellationRequested, "the lease to run out");
        int[] ports = [
            .. Regex.Matches(connection, @":(\d+)/").Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        EmulatorProcess back = await EmulatorProcess.StartAsync(
            Path.Combine(AzuriteFixture.ToolsPath, "azurite"), "-", ports, ["--inMemoryPersistence"], _ => { }, Cancellation);

        Assert.False((await leadership.WaitUntilLeaderAsync(Cancellation)).IsCancellationRequested);
        await leadership.StopAsync(Cancellation);
        await back.StopAsync(TimeSpan.FromSeconds(30));
    }

    private Leadership Create(TimeProvider clock) => new(Storage(), Options.Create(_options), clock, NullLogger<Leadership>.Instance);

    private HostStorage Storage() => Storage(azurite.ConnectionString);

    private HostStorage Storage(string connection)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["AzureWebJobsStorage"] = connection })
            .Build();
        return new HostStorage(configuration, Options.Create(_options), Options.Create(new StorageOptions()));
    }
}
