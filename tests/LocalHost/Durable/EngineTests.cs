using Modeldrop.LocalHost.Durable;

namespace Modeldrop.Tests.LocalHost.Durable;

public sealed class EngineTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_Sequence_PassesResultsOn()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, new TestFunctions()
            .Orchestrator("Sequence", async context =>
            {
                int value = context.GetInput<int>();
                value = await context.CallActivityAsync<int>("AddOne", value);
                context.SetCustomStatus(new { Step = 1 });
                value = await context.CallActivityAsync<int>("addone", value);
                return value;
            })
            .Activity<int>("AddOne", value => value + 1));

        OrchestrationMetadata end = await host.RunAsync("Sequence", 40);

        Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        Assert.Equal((40, 42, """{"Step":1}"""), (end.ReadInputAs<int>(), end.ReadOutputAs<int>(), end.SerializedCustomStatus));
        OrchestrationMetadata? bare = await host.Client.GetInstanceAsync(end.InstanceId, Cancellation);
        Assert.Throws<InvalidOperationException>(() => bare!.ReadOutputAs<int>());
    }

    [Fact]
    public async Task Run_FanOutOf200_GathersAll()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, new TestFunctions()
            .Orchestrator("FanOut", async context =>
            {
                int[] squares = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => context.CallActivityAsync<int>("Square", i)));
                return squares.Sum();
            })
            .Activity<int>("Square", value => value * value));

        OrchestrationMetadata end = await host.RunAsync("FanOut");

        Assert.Equal(Enumerable.Range(0, 200).Sum(i => i * i), end.ReadOutputAs<int>());
    }

    [Fact]
    public async Task Run_LargePayloads_ComeThrough()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, new TestFunctions()
            .Orchestrator("Large", async context =>
            {
                string text = context.GetInput<string>()!;
                string doubled = await context.CallActivityAsync<string>("Double", text);
                string sub = await context.CallSubOrchestratorAsync<string>("Echo", doubled);
                string raised = await context.WaitForExternalEvent<string>("More");
                return new[] { text.Length, doubled.Length, sub.Length, raised.Length };
            })
            .Orchestrator("Echo", context => Task.FromResult<object?>(context.GetInput<string>()))
            .Activity<string>("Double", text => text + text));
        string payload = string.Concat(Enumerable.Repeat("\"quoted\" und übertragen ", 3 * 1024 * 1024 / 24));

        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Large", payload, Cancellation);
        await host.Client.RaiseEventAsync(id, "More", payload, Cancellation);
        OrchestrationMetadata end = await host.WaitAsync(id);

        Assert.Equal([payload.Length, 2 * payload.Length, 2 * payload.Length, payload.Length], end.ReadOutputAs<int[]>()!);
        Assert.Equal(payload, end.ReadInputAs<string>());
        await host.Client.PurgeInstanceAsync(id, new PurgeInstanceOptions(Recursive: true), Cancellation);
        Assert.Empty(await host.Storage.Large.GetBlobsAsync(cancellationToken: Cancellation).ToListAsync(Cancellation));
    }
}
