using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.Tests.Standalone.Durable;

/// <summary>A hub's process inside the test's process: engine and client on the emulator.</summary>
internal sealed class DurableHost : IAsyncDisposable
{
    private readonly TestHost _host;

    private DurableHost(TestHost host)
    {
        _host = host;
        Client = host.Services.GetRequiredService<DurableTaskClient>();
    }

    public DurableTaskClient Client { get; }

    public static string NewHub() => $"T{Guid.NewGuid():N}"[..16];

    /// <param name="functions">Orchestrators and activities.</param>
    /// <param name="hub">Null: a separate hub.</param>
    /// <param name="services">The services that the functions need.</param>
    public static async Task<DurableHost> StartAsync(
        AzuriteFixture azurite, IEnumerable<Type> functions, string? hub = null, Action<IServiceCollection>? services = null)
    {
        Dictionary<string, string?> settings = TestHost.Storage(azurite);
        settings["Durable:HubName"] = hub ?? NewHub();
        settings["Durable:PartitionCount"] = "2";
        settings["Durable:MaxQueuePollingInterval"] = "00:00:00.100";
        settings["Durable:VisibilityTimeout"] = "00:00:05";
        settings["Durable:LeaseInterval"] = "00:00:03";
        return new DurableHost(await TestHost.StartAsync(functions, settings, configure: builder => services?.Invoke(builder.Services)));
    }

    /// <summary>Schedules, waits for the end, and returns how it ended, with inputs and outputs.</summary>
    public async Task<OrchestrationMetadata> RunAsync(string orchestrator, object? input = null) =>
        await WaitAsync(await Client.ScheduleNewOrchestrationInstanceAsync(orchestrator, input, TestContext.Current.CancellationToken));

    public async Task<OrchestrationMetadata> WaitAsync(string instanceId)
    {
        using var guard = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        guard.CancelAfter(TimeSpan.FromMinutes(10));
        return await Client.WaitForInstanceCompletionAsync(instanceId, getInputsAndOutputs: true, guard.Token);
    }

    public Task StopAsync() => _host.StopAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
