using Modeldrop.LocalHost.Durable;

namespace Modeldrop.Tests.LocalHost.Durable;

public sealed class ClientTests(AzuriteFixture azurite)
{
    private static readonly TestFunctions Functions = new TestFunctions()
        .Orchestrator("Echo", context => Task.FromResult<object?>(context.GetInput<string>()))
        .Orchestrator("Parent", async context => await context.CallSubOrchestratorAsync<string>("Echo", "child"))
        .Orchestrator("Wait", async context => await context.WaitForExternalEvent<string>("go"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Schedule_IdOfRunningInstance_Throws()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, Functions);
        var options = new StartOrchestrationOptions("same");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", options, Cancellation);

        InvalidOperationException exception = await Assert.ThrowsAnyAsync<InvalidOperationException>(
            () => host.Client.ScheduleNewOrchestrationInstanceAsync("Echo", options, Cancellation));

        Assert.Contains("'same' exists", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schedule_IdOfFinishedInstance_StartsAnew()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, Functions);
        for (int i = 0; i < 3; i++)
        {
            await host.Client.ScheduleNewOrchestrationInstanceAsync("Echo", $"run {i}", new StartOrchestrationOptions("same"), Cancellation);
            Assert.Equal($"run {i}", (await host.WaitAsync("same")).ReadOutputAs<string>());

            // For nobody: the instance has finished, and the next one must not take it.
            await host.Client.RaiseEventAsync("same", "go", "stale", Cancellation);
        }

        await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", new StartOrchestrationOptions("same"), Cancellation);
        await host.Client.WaitForInstanceStartAsync("same", Cancellation);
        await host.Client.RaiseEventAsync("same", "go", "fresh", Cancellation);
        Assert.Equal("fresh", (await host.WaitAsync("same")).ReadOutputAs<string>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\\b")]
    [InlineData("@a@b")]
    [InlineData("a\u0007b")]
    public async Task Schedule_IdThatCannotBeStored_Throws(string instanceId)
    {
        await using TestHost host = await TestHost.StartAsync(azurite, Functions);

        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => host.Client.ScheduleNewOrchestrationInstanceAsync("Echo", new StartOrchestrationOptions(instanceId), Cancellation));
        Assert.Null(await host.Client.GetInstanceAsync(instanceId, Cancellation));
    }

    [Theory]
    [InlineData("it's % + a \"good\" id: ü")]
    [InlineData("a;b=c&d@e|f")]
    public async Task Schedule_OddId_Works(string instanceId)
    {
        await using TestHost host = await TestHost.StartAsync(azurite, Functions);

        await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", new StartOrchestrationOptions(instanceId), Cancellation);
        await host.Client.RaiseEventAsync(instanceId, "go", "there", Cancellation);

        Assert.Equal("there", (await host.WaitAsync(instanceId)).ReadOutputAs<string>());
        Assert.Equal(1, (await host.Client.PurgeInstanceAsync(instanceId, Cancellation)).PurgedInstanceCount);
    }

    [Fact]
    public async Task RaiseEvent_UnknownInstance_IsDropped()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, Functions);

        await host.Client.RaiseEventAsync("nobody", "go", "x", Cancellation);
        Assert.Null(await host.Client.GetInstanceAsync("nobody", Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Client.WaitForInstanceCompletionAsync("nobody", Cancellation));
        await Eventually.AsyncTrue(async () =>
            !await host.Storage.Instances.QueryAsync<Azure.Data.Tables.TableEntity>(cancellationToken: Cancellation).AnyAsync(Cancellation));
    }

    [Fact]
    public async Task GetAllInstances_Filters_Page()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, Functions);
        string[] ids = [.. Enumerable.Range(0, 7).Select(i => $"a-{i}"), "b-0"];
        foreach (string id in ids)
        {
            await host.Client.ScheduleNewOrchestrationInstanceAsync("Echo", id, new StartOrchestrationOptions(id), Cancellation);
            await host.WaitAsync(id);
        }

        await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", new StartOrchestrationOptions("a-9"), Cancellation);

        var query = new OrchestrationQuery(
            Statuses: [OrchestrationRuntimeStatus.Completed], InstanceIdPrefix: "a-", PageSize: 3, FetchInputsAndOutputs: true);
        List<Page<OrchestrationMetadata>> pages = await host.Client.GetAllInstancesAsync(query).AsPages().ToListAsync(Cancellation);
        Assert.Equal([3, 3, 1], pages.Select(page => page.Values.Count));
        Assert.Equal(ids[..7], pages.SelectMany(page => page.Values).Select(instance => instance.ReadOutputAs<string>()!));

        List<OrchestrationMetadata> rest = await host.Client.GetAllInstancesAsync(query with { ContinuationToken = pages[0].ContinuationToken }).ToListAsync(Cancellation);
        Assert.Equal(ids[3..7], rest.Select(instance => instance.InstanceId));

        DateTimeOffset middle = rest[0].CreatedAt;
        Assert.Equal(6, await host.Client.GetAllInstancesAsync(new OrchestrationQuery(CreatedFrom: middle)).CountAsync(Cancellation));
        Assert.Equal(4, await host.Client.GetAllInstancesAsync(new OrchestrationQuery(CreatedTo: middle)).CountAsync(Cancellation));
        Assert.Equal(0, await host.Client.GetAllInstancesAsync(new OrchestrationQuery(TaskHubNames: ["other"])).CountAsync(Cancellation));
        Assert.Equal(9, await host.Client.GetAllInstancesAsync(new OrchestrationQuery(TaskHubNames: [host.Client.Name])).CountAsync(Cancellation));
    }

    [Fact]
    public async Task Purge_FinishedOnly_WithChildrenIfTold()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, Functions);
        await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", new StartOrchestrationOptions("running"), Cancellation);
        OrchestrationMetadata alone = await host.RunAsync("Parent");
        OrchestrationMetadata withChild = await host.RunAsync("Parent");
        OrchestrationMetadata old = await host.RunAsync("Echo", "x");

        Assert.Equal(0, (await host.Client.PurgeInstanceAsync("running", Cancellation)).PurgedInstanceCount);
        Assert.Equal(0, (await host.Client.PurgeInstanceAsync("unknown", Cancellation)).PurgedInstanceCount);
        Assert.Equal(1, (await host.Client.PurgeInstanceAsync(alone.InstanceId, Cancellation)).PurgedInstanceCount);
        Assert.Equal(2, (await host.Client.PurgeInstanceAsync(withChild.InstanceId, new PurgeInstanceOptions(Recursive: true), Cancellation)).PurgedInstanceCount);
        Assert.Null(await host.Client.GetInstanceAsync(withChild.InstanceId, Cancellation));

        var filter = new PurgeInstancesFilter(CreatedTo: old.CreatedAt, Statuses: [OrchestrationRuntimeStatus.Completed]);
        Assert.Equal(2, (await host.Client.PurgeAllInstancesAsync(filter, Cancellation)).PurgedInstanceCount);
        Assert.Equal(["running"], await host.Client.GetAllInstancesAsync().Select(instance => instance.InstanceId).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Client_OnAnotherHost_IsHeardByTheLeader()
    {
        await using TestHost leader = await TestHost.StartAsync(azurite, Functions);
        await using TestHost other = await TestHost.StartAsync(azurite, Functions, leader.Client.Name, leads: false);

        string id = await other.Client.ScheduleNewOrchestrationInstanceAsync("Wait", Cancellation);
        await other.Client.WaitForInstanceStartAsync(id, Cancellation);
        await other.Client.RaiseEventAsync(id, "go", "heard", Cancellation);

        Assert.Equal("heard", (await other.WaitAsync(id)).ReadOutputAs<string>());
    }
}
