using System.Collections.Concurrent;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Modeldrop.Tests.Standalone;

public sealed class BlobTriggerTests : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _settings;
    private readonly BlobContainerClient _inbox;
    private readonly TableClient _receipts;
    private readonly Runs _runs = new();
    private readonly List<TestHost> _hosts = [];

    public BlobTriggerTests(AzuriteFixture azurite)
    {
        _settings = TestHost.Storage(azurite);
        _inbox = new BlobContainerClient(azurite.ConnectionString, _settings["Inbox"]);
        _receipts = new TableClient(azurite.ConnectionString, $"Modeldrop{_settings["Host:ReceiptTable"]}");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NewAndChangedBlobs_AcrossARestart_RunOncePerVersion()
    {
        await _inbox.CreateAsync(cancellationToken: Cancellation);
        await UploadAsync("flights/model.txt", "1");
        TestHost first = await StartAsync(typeof(Copying));
        await RunsAsync("flights/model 1");
        await UploadAsync("flights/model.txt", "2");
        await UploadAsync("flights/model.json", "not for this function");
        await RunsAsync("flights/model 1", "flights/model 2");
        await first.StopAsync();

        await UploadAsync("penguins/model.txt", "3");
        await StartAsync(typeof(Copying));

        await RunsAsync("flights/model 1", "flights/model 2", "penguins/model 3");
        await UploadAsync("last.txt", "4");
        await RunsAsync("flights/model 1", "flights/model 2", "penguins/model 3", "last 4");
    }

    [Fact]
    public async Task ContainerIsMissing_CreatedLater_IsNoticed()
    {
        await StartAsync(typeof(Copying));
        await _inbox.CreateAsync(cancellationToken: Cancellation);
        await UploadAsync("late.txt", "1");

        await RunsAsync("late 1");
    }

    [Fact]
    public async Task TwoHosts_OneStops_EveryBlobRunsOnce()
    {
        await _inbox.CreateAsync(cancellationToken: Cancellation);
        TestHost first = await StartAsync(typeof(Copying));
        await StartAsync(typeof(Copying));
        List<string> expected = [];
        for (int number = 0; number < 20; number++)
        {
            await UploadAsync($"{number}.txt", "x");
            expected.Add($"{number} x");
            if (number == 10)
            {
                await first.StopAsync();
            }
        }

        await RunsAsync([.. expected]);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        await RunsAsync([.. expected]);
    }

    [Fact]
    public async Task FailsAlways_FiveRuns_ThenAPoisonRecordUntilTheBlobChanges()
    {
        _runs.Failures = 6;
        await _inbox.CreateAsync(cancellationToken: Cancellation);
        await UploadAsync("bad.txt", "1");
        TestHost host = await StartAsync(typeof(Copying));
        await Poll.UntilAsync(() => host.Log.Entries.Any(entry => entry.Id == 9031), "the poison record");

        await Poll.UntilAsync(
            async () => await _receipts.QueryAsync<TableEntity>(cancellationToken: Cancellation).CountAsync(Cancellation) == 1, "its row");
        TableEntity record = await _receipts.QueryAsync<TableEntity>(cancellationToken: Cancellation).SingleAsync(Cancellation);
        Assert.Equal(("Copying", "bad.txt", "poison"), (record.PartitionKey, record.GetString("Blob"), record.GetString("State")));
        Assert.Contains("broken", record.GetString("Error"), StringComparison.Ordinal);
        Assert.Equal(5, _runs.Started);
        Assert.Equal(4, host.Log.Entries.Count(entry => entry.Id == 9030));
        Assert.Equal(LogLevel.Error, host.Log.Entries.Single(entry => entry.Id == 9031).Level);

        // The next host does not run it again either, until the blob changes; here the new version fails once first.
        await host.StopAsync();
        await StartAsync(typeof(Copying));
        await UploadAsync("good.txt", "2");
        await Poll.UntilAsync(() => _runs.Started >= 7, "the other blob");
        await UploadAsync("bad.txt", "3");
        await RunsAsync("good 2", "bad 3");
        Assert.Equal(8, _runs.Started);
    }

    [Fact]
    public async Task BlobIsDeleted_ItsReceiptIsDeleted()
    {
        await _inbox.CreateAsync(cancellationToken: Cancellation);
        await UploadAsync("gone.txt", "1");
        await StartAsync(typeof(Copying));
        await RunsAsync("gone 1");

        await _inbox.DeleteBlobAsync("gone.txt", cancellationToken: Cancellation);

        await Poll.UntilAsync(
            async () => !await _receipts.QueryAsync<TableEntity>(cancellationToken: Cancellation).AnyAsync(Cancellation), "no receipts");
    }

    [Fact]
    public async Task Stop_RunInFlight_FinishesAndIsNotRepeated()
    {
        _runs.Hold = new TaskCompletionSource();
        await _inbox.CreateAsync(cancellationToken: Cancellation);
        await UploadAsync("slow.txt", "1");
        TestHost first = await StartAsync(typeof(Copying));
        await Poll.UntilAsync(() => _runs.Started == 1, "the run");

        Task stopped = first.StopAsync();
        await Task.Delay(200, Cancellation);
        Assert.False(stopped.IsCompleted);
        _runs.Hold.SetResult();
        await stopped;

        await StartAsync(typeof(Copying));
        await UploadAsync("next.txt", "2");
        await RunsAsync("slow 1", "next 2");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TestHost host in _hosts)
        {
            await host.DisposeAsync();
        }
    }

    private async Task<TestHost> StartAsync(Type functions)
    {
        TestHost host = await TestHost.StartAsync([functions], _settings, configure: builder => builder.Services.AddSingleton(_runs));
        _hosts.Add(host);
        return host;
    }

    private async Task UploadAsync(string name, string content) =>
        await _inbox.GetBlobClient(name).UploadAsync(BinaryData.FromString(content), overwrite: true, Cancellation);

    private async Task RunsAsync(params string[] expected)
    {
        await Poll.UntilAsync(() => _runs.All.Count >= expected.Length, string.Join(", ", expected));
        Assert.Equal(expected.Order(), _runs.All.Order());
    }

    public sealed class Runs
    {
        private int _started;

        public int Failures { get; set; }

        public TaskCompletionSource? Hold { get; set; }

        public int Started => _started;

        public ConcurrentQueue<string> All { get; } = new();

        public async Task AddAsync(string run)
        {
            Interlocked.Increment(ref _started);
            await (Hold?.Task ?? Task.CompletedTask);
            if (Failures-- > 0)
            {
                throw new InvalidOperationException("broken");
            }

            All.Enqueue(run);
        }
    }

    public sealed class Copying(Runs runs)
    {
        [Function("Copying")]
        public async Task CopyAsync(
            [BlobTrigger("%Inbox%/{name}.txt")] BlobClient blob, string name, CancellationToken cancellationToken) =>
            await runs.AddAsync($"{name} {(await blob.DownloadContentAsync(cancellationToken)).Value.Content}");
    }
}
