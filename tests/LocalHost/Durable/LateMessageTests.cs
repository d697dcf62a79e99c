using Azure.Data.Tables;
using Modeldrop.LocalHost.Durable;
using Modeldrop.LocalHost.Durable.Replay;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.Tests.LocalHost.Durable;

/// <summary>What comes to an instance that has ended is nobody's, and does not lie there for ever.</summary>
public sealed class LateMessageTests(AzuriteFixture azurite)
{
    private static readonly TestFunctions Functions = new TestFunctions()
        .Orchestrator("Parent", async context => await context.CallSubOrchestratorAsync<int>("Child", new TaskOptions().WithInstanceId("child")))
        .Orchestrator("Child", async context => await context.WaitForExternalEvent<int>("go"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_OfAChildToATerminatedParent_IsDropped(bool recursive)
    {
        await using TestHost host = await TestHost.StartAsync(azurite, Functions);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Parent", Cancellation);
        await host.UntilAsync("child", instance => instance.IsRunning);

        await host.Client.TerminateInstanceAsync(id, new TerminateInstanceOptions("because", recursive), Cancellation);
        await host.WaitAsync(id);
        await host.Client.RaiseEventAsync("child", "go", 1, Cancellation);
        await host.WaitAsync("child");

        await Eventually.AsyncTrue(async () => !await MessagesAsync(host).AnyAsync(Cancellation));
    }

    [Fact]
    public async Task Event_ToAnInstanceThatHasEnded_IsDropped()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, Functions);
        await host.Client.ScheduleNewOrchestrationInstanceAsync("Child", null, new StartOrchestrationOptions("child"), Cancellation);
        await host.Client.RaiseEventAsync("child", "go", 1, Cancellation);
        Assert.Equal(1, (await host.WaitAsync("child")).ReadOutputAs<int>());

        await host.Client.RaiseEventAsync("child", "go", 2, Cancellation);

        await Eventually.AsyncTrue(async () => !await MessagesAsync(host).AnyAsync(Cancellation));
        await host.Client.ScheduleNewOrchestrationInstanceAsync("Child", null, new StartOrchestrationOptions("child"), Cancellation);
        await host.Client.RaiseEventAsync("child", "go", 3, Cancellation);
        Assert.Equal(3, (await host.WaitAsync("child")).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Message_OfAHostThatDiedBeforeItSaidSo_IsFoundByTheNext()
    {
        string hub = TestHost.NewHub();
        await using (TestHost first = await TestHost.StartAsync(azurite, Functions, hub))
        {
            await first.Client.ScheduleNewOrchestrationInstanceAsync("Child", null, new StartOrchestrationOptions("child"), Cancellation);
            await first.Client.RaiseEventAsync("child", "go", 1, Cancellation);
            await first.WaitAsync("child");
        }

        await using var second = new TestHost(azurite.ConnectionString, hub, Functions);
        var store = new DurableStore(second.Storage, TimeProvider.System);
        string key = RowKeys.Message(TimeProvider.System.GetUtcNow(), 0, "late");
        await store.SendAsync("child", key, new EventRaised("go", "2") { MessageId = "late" }, Cancellation);
        Assert.True(await MessagesAsync(second).AnyAsync(Cancellation));

        await second.StartAsync();

        await Eventually.AsyncTrue(async () => !await MessagesAsync(second).AnyAsync(Cancellation));
    }

    private static Azure.AsyncPageable<TableEntity> MessagesAsync(TestHost host) => host.Storage.Instances.QueryAsync<TableEntity>(
        row => row.RowKey.CompareTo(RowKeys.FirstMessage) >= 0 && row.RowKey.CompareTo(RowKeys.AfterMessages) < 0, cancellationToken: Cancellation);
}
