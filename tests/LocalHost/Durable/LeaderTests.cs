using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.LocalHost.Durable;

namespace Modeldrop.Tests.LocalHost.Durable;

public sealed class LeaderTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lead_LostInTheMiddle_AnotherHostGoesOn()
    {
        var started = new SemaphoreSlim(0);
        var functions = new TestFunctions()
            .Orchestrator("Steps", async context =>
            {
                int first = await context.CallActivityAsync<int>("Step", 1);
                int second = await context.CallActivityAsync<int>("Hang", 2);
                return first + second;
            })
            .Activity<int>("Step", value => value)
            .Activity<int>("Hang", async (value, cancellation) =>
            {
                // The first host's attempt hangs until the lead is lost; the second host's goes through.
                if (started.Release() == 0)
                {
                    await Task.Delay(Timeout.Infinite, cancellation);
                }

                return value;
            });
        await using TestHost first = await TestHost.StartAsync(azurite, functions);
        await using TestHost second = await TestHost.StartAsync(azurite, functions, first.Client.Name, leads: false);
        string id = await first.Client.ScheduleNewOrchestrationInstanceAsync("Steps", Cancellation);
        await Eventually.True(() => started.CurrentCount == 1);

        first.Leadership.Lose();
        second.Leadership.Lead();

        Assert.Equal(3, (await second.WaitAsync(id)).ReadOutputAs<int>());
        Assert.Equal(2, started.CurrentCount);
    }

    [Fact]
    public async Task Stop_ActivityRuns_ItFinishesAndIsNotRepeated()
    {
        var runs = new ConcurrentQueue<string>();
        var release = new TaskCompletionSource();
        var functions = new TestFunctions()
            .Orchestrator("Two", async context =>
            {
                string first = await context.CallActivityAsync<string>("Slow");
                return await context.CallActivityAsync<string>("Quick", first);
            })
            .Activity<string>("Slow", async (_, cancellation) =>
            {
                runs.Enqueue("slow");
                await release.Task.WaitAsync(cancellation);
                return "kept";
            })
            .Activity<string>("Quick", value =>
            {
                runs.Enqueue("quick");
                return value;
            });
        await using TestHost first = await TestHost.StartAsync(azurite, functions);
        string id = await first.Client.ScheduleNewOrchestrationInstanceAsync("Two", Cancellation);
        await Eventually.True(() => !runs.IsEmpty);

        Task stopping = first.StopAsync(TimeSpan.FromMinutes(1));
        release.SetResult();
        await stopping;
        Assert.Equal(["slow"], runs);
        Assert.True((await first.Client.GetInstanceAsync(id, Cancellation))!.IsRunning);

        await using TestHost second = await TestHost.StartAsync(azurite, functions, first.Client.Name);
        Assert.Equal("kept", (await second.WaitAsync(id)).ReadOutputAs<string>());
        Assert.Equal(["slow", "quick"], runs);
    }

    [Fact]
    public async Task Run_NothingCached_WorksFromTheStoreAlone()
    {
        var functions = new TestFunctions()
            .Orchestrator("Sum", async context =>
            {
                int sum = 0;
                for (int i = 1; i <= 5; i++)
                {
                    sum += await context.CallActivityAsync<int>("Same", i);
                }

                return sum + await context.WaitForExternalEvent<int>("more");
            })
            .Activity<int>("Same", value => value);
        await using TestHost host = await TestHost.StartAsync(azurite, functions, configure: options => options.MaxCachedChars = 0);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Sum", Cancellation);

        await host.Client.RaiseEventAsync(id, "more", 100, Cancellation);

        Assert.Equal(115, (await host.WaitAsync(id)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Run_OneInstanceUnreadable_OthersGoOn()
    {
        var functions = new TestFunctions().Orchestrator("Echo", context => Task.FromResult<object?>(context.GetInput<string>()));
        string hub = TestHost.NewHub();
        await using TestHost client = await TestHost.StartAsync(azurite, functions, hub, leads: false);
        await client.Client.ScheduleNewOrchestrationInstanceAsync("Echo", "x", new StartOrchestrationOptions("broken"), Cancellation);
        Azure.Data.Tables.TableEntity history = await client.Storage.Instances
            .QueryAsync<Azure.Data.Tables.TableEntity>("PartitionKey eq 'broken' and RowKey lt 'i'", cancellationToken: Cancellation).SingleAsync(Cancellation);
        history["D00"] = "no json"u8.ToArray();
        await client.Storage.Instances.UpdateEntityAsync(history, Azure.ETag.All, Azure.Data.Tables.TableUpdateMode.Replace, Cancellation);

        client.Leadership.Lead();

        Assert.Equal("fine", (await client.RunAsync("Echo", "fine")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Lead_NothingToDo_CostsTwelveTransactionsAMinute()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        var requests = new CountingPolicy();
        await using var host = new TestHost(
            azurite.ConnectionString,
            TestHost.NewHub(),
            new TestFunctions().Orchestrator("Wait", async context => await context.WaitForExternalEvent<string>("go", TimeSpan.FromDays(30))),
            clock: clock,
            policy: requests,
            configure: options => options.MaxPollInterval = new DurableOptions().MaxPollInterval);
        await host.StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", Cancellation);
        await AdvanceAsync(clock, TimeSpan.FromMinutes(2));
        Assert.True((await host.Client.GetInstanceAsync(id, Cancellation))!.IsRunning);

        int before = requests.Count;
        await AdvanceAsync(clock, TimeSpan.FromMinutes(10));

        Assert.InRange((requests.Count - before) / 10.0, 0, 12.1);

        async Task AdvanceAsync(FakeTimeProvider time, TimeSpan duration)
        {
            for (TimeSpan passed = TimeSpan.Zero; passed < duration; passed += TimeSpan.FromSeconds(1))
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await requests.QuietAsync();
            }
        }
    }
}
