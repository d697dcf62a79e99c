using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.LocalHost;
using Modeldrop.LocalHost.Durable;
using Modeldrop.LocalHost.Durable.Engine;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.Tests.LocalHost.Durable;

/// <summary>Leads from the start, or when told to.</summary>
internal sealed class TestLeadership(bool leads = true) : ILeadership, IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private readonly TaskCompletionSource _leads = leads ? Done() : new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<CancellationToken> WaitUntilLeaderAsync(CancellationToken cancellationToken)
    {
        await (_lost.IsCancellationRequested ? new TaskCompletionSource() : _leads).Task.WaitAsync(cancellationToken);
        return _lost.Token;
    }

    public void Lead() => _leads.TrySetResult();

    public void Lose() => _lost.Cancel();

    public void Dispose() => _lost.Dispose();

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}

/// <summary>One host of a hub: engine and client on the emulator.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly DurableEngine _engine;

    public TestHost(
        string connectionString,
        string hub,
        TestFunctions functions,
        bool leads = true,
        TimeProvider? clock = null,
        HttpPipelinePolicy? policy = null,
        ILoggerFactory? loggers = null,
        Action<DurableOptions>? configure = null)
    {
        clock ??= TimeProvider.System;
        loggers ??= NullLoggerFactory.Instance;
        var options = new DurableOptions { HubName = hub, MinPollInterval = TimeSpan.FromMilliseconds(20), MaxPollInterval = TimeSpan.FromMilliseconds(200) };
        configure?.Invoke(options);
        var tableOptions = new TableClientOptions();
        var blobOptions = new BlobClientOptions();
        if (policy is not null)
        {
            tableOptions.AddPolicy(policy, HttpPipelinePosition.PerCall);
            blobOptions.AddPolicy(policy, HttpPipelinePosition.PerCall);
        }

        Storage = new DurableStorage(
            hub, () => new TableServiceClient(connectionString, tableOptions), () => new BlobServiceClient(connectionString, blobOptions));
        Leadership = new TestLeadership(leads);
        var store = new DurableStore(Storage, clock);
        var queries = new InstanceQueries(Storage);
        var wakes = new WakeTable(Storage);
        var signals = new InstanceSignals();
        _engine = new DurableEngine(
            Leadership, store, queries, wakes, functions.Build(), TestFunctions.Converter, signals, Options.Create(options), clock, loggers);
        Client = new TableDurableTaskClient(hub, store, queries, wakes, signals, TestFunctions.Converter, clock);
    }

    public DurableStorage Storage { get; }

    public TestLeadership Leadership { get; }

    public DurableTaskClient Client { get; }

    public static string NewHub() => "T" + Guid.NewGuid().ToString("N")[..16];

    public static async Task<TestHost> StartAsync(AzuriteFixture azurite, TestFunctions functions, string? hub = null, bool leads = true, Action<DurableOptions>? configure = null)
    {
        var host = new TestHost(azurite.ConnectionString, hub ?? NewHub(), functions, leads, configure: configure);
        await host.StartAsync();
        return host;
    }

    public Task StartAsync() => _engine.StartAsync(TestContext.Current.CancellationToken);

    public Task StopAsync(TimeSpan patience) => _engine.StopAsync(new CancellationTokenSource(patience).Token);

    /// <summary>Schedules, waits for the end, and returns how it ended, with inputs and outputs.</summary>
    public async Task<OrchestrationMetadata> RunAsync(string orchestrator, object? input = null)
    {
        string id = await Client.ScheduleNewOrchestrationInstanceAsync(orchestrator, input, TestContext.Current.CancellationToken);
        return await WaitAsync(id);
    }

    public async Task<OrchestrationMetadata> WaitAsync(string instanceId)
    {
        using var guard = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        guard.CancelAfter(TimeSpan.FromMinutes(2));
        return await Client.WaitForInstanceCompletionAsync(instanceId, getInputsAndOutputs: true, guard.Token);
    }

    public Task UntilAsync(string instanceId, Func<OrchestrationMetadata, bool> condition) => Eventually.AsyncTrue(async () =>
        await Client.GetInstanceAsync(instanceId, TestContext.Current.CancellationToken) is { } instance && condition(instance));

    public async ValueTask DisposeAsync()
    {
        Leadership.Lose();
        await StopAsync(TimeSpan.FromSeconds(10));
        _engine.Dispose();
        Leadership.Dispose();
    }
}
