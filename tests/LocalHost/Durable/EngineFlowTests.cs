using Microsoft.Extensions.Time.Testing;
using Modeldrop.LocalHost.Durable;

namespace Modeldrop.Tests.LocalHost.Durable;

public sealed class EngineFlowTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_SubOrchestrations_ReturnAndFailIntoTheParent()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, new TestFunctions()
            .Orchestrator("Parent", async context =>
            {
                string named = await context.CallSubOrchestratorAsync<string>("Child", "good", new TaskOptions().WithInstanceId($"{context.InstanceId}-child"));
                try
                {
                    await context.CallSubOrchestratorAsync("Child", "bad");
                    return null;
                }
                catch (TaskFailedException exception)
                {
                    return $"{named}; {exception.TaskName}: {exception.FailureDetails.InnerFailure!.ErrorMessage}";
                }
            })
            .Orchestrator("Child", async context =>
                $"{await context.CallActivityAsync<string>("Work", context.GetInput<string>())} for {context.Parent!.Name} as {context.InstanceId}")
            .Activity<string>("Work", what => what == "bad" ? throw new InvalidOperationException("bad input") : what));

        OrchestrationMetadata end = await host.RunAsync("Parent");

        Assert.Equal($"good for Parent as {end.InstanceId}-child; Child: bad input", end.FailureDetails?.ToString() ?? end.ReadOutputAs<string>());
    }

    [Fact]
    public async Task Run_SubOrchestrationIdInUse_FailsTheTask()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, new TestFunctions()
            .Orchestrator("Parent", async context => await context.CallSubOrchestratorAsync<string>("Wait", new TaskOptions().WithInstanceId("taken")))
            .Orchestrator("Wait", async context => await context.WaitForExternalEvent<string>("go")));
        await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", new StartOrchestrationOptions("taken"), Cancellation);

        OrchestrationMetadata end = await host.RunAsync("Parent");

        Assert.Contains("'taken' exists", end.FailureDetails!.InnerFailure!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ContinueAsNew50Times_LeavesOneGeneration()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, new TestFunctions()
            .Orchestrator("Rounds", async context =>
            {
                int round = await context.CallActivityAsync<int>("AddOne", context.GetInput<int>());
                if (round < 50)
                {
                    context.ContinueAsNew(round);
                }

                return round;
            })
            .Activity<int>("AddOne", value => value + 1));

        OrchestrationMetadata end = await host.RunAsync("Rounds", 0);

        Assert.Equal((49, 50), (end.ReadInputAs<int>(), end.ReadOutputAs<int>()));
        int rows = await host.Storage.Instances.QueryAsync<Azure.Data.Tables.TableEntity>(cancellationToken: Cancellation).CountAsync(Cancellation);

        // The instance and the last generation: started, turn, scheduled, turn, completed, end.
        Assert.Equal(7, rows);
    }

    [Fact]
    public async Task Run_TimerWeeksAhead_FiresWhenItsTimeHasCome()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = new TestHost(azurite.ConnectionString, TestHost.NewHub(), new TestFunctions()
            .Orchestrator("Sleep", async context =>
            {
                DateTime start = context.CurrentUtcDateTime;
                await context.CreateTimer(TimeSpan.FromDays(60), CancellationToken.None);
                return (context.CurrentUtcDateTime - start).TotalDays;
            }), clock: clock);
        await host.StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Sleep", Cancellation);
        await AdvanceUntilAsync(clock, TimeSpan.FromMilliseconds(10), () => host.Client.GetInstanceAsync(id, Cancellation), instance => instance!.IsRunning);

        await AdvanceUntilAsync(clock, TimeSpan.FromHours(5), () => host.Client.GetInstanceAsync(id, Cancellation), instance => instance!.IsCompleted);

        OrchestrationMetadata? end = await host.Client.GetInstanceAsync(id, getInputsAndOutputs: true, Cancellation);
        Assert.InRange(end!.ReadOutputAs<double>(), 60, 61);
    }

    [Fact]
    public async Task Run_StartAt_WaitsUntilThen()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = new TestHost(azurite.ConnectionString, TestHost.NewHub(), new TestFunctions()
            .Orchestrator("Later", context => Task.FromResult<object?>(context.CurrentUtcDateTime)), clock: clock);
        await host.StartAsync();
        DateTimeOffset due = clock.GetUtcNow().AddHours(3);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Later", new StartOrchestrationOptions(StartAt: due), Cancellation);
        string cancelled = await host.Client.ScheduleNewOrchestrationInstanceAsync("Later", new StartOrchestrationOptions(StartAt: due), Cancellation);
        await host.Client.TerminateInstanceAsync(cancelled, Cancellation);
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(1), () => host.Client.GetInstanceAsync(cancelled, Cancellation), instance => instance!.IsCompleted);
        Assert.Equal(OrchestrationRuntimeStatus.Pending, (await host.Client.GetInstanceAsync(id, Cancellation))!.RuntimeStatus);

        await AdvanceUntilAsync(clock, TimeSpan.FromMinutes(10), () => host.Client.GetInstanceAsync(id, Cancellation), instance => instance!.IsCompleted);

        OrchestrationMetadata? end = await host.Client.GetInstanceAsync(id, getInputsAndOutputs: true, Cancellation);
        Assert.InRange(end!.ReadOutputAs<DateTime>(), due.UtcDateTime, due.UtcDateTime.AddHours(2));
    }

    [Fact]
    public async Task Suspend_Running_HoldsEventsUntilResume()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, new TestFunctions()
            .Orchestrator("Wait", async context => await context.WaitForExternalEvent<int>("go")));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Wait", Cancellation);
        await host.Client.WaitForInstanceStartAsync(id, Cancellation);

        await host.Client.SuspendInstanceAsync(id, "pause", Cancellation);
        await host.Client.RaiseEventAsync(id, "go", 5, Cancellation);
        await host.UntilAsync(id, instance => instance.RuntimeStatus == OrchestrationRuntimeStatus.Suspended);
        await host.Client.ResumeInstanceAsync(id, cancellation: Cancellation);

        Assert.Equal(5, (await host.WaitAsync(id)).ReadOutputAs<int>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Terminate_Parent_TakesChildrenAlongIfTold(bool recursive)
    {
        await using TestHost host = await TestHost.StartAsync(azurite, new TestFunctions()
            .Orchestrator("Parent", async context => await context.CallSubOrchestratorAsync<int>("Child", new TaskOptions().WithInstanceId("child")))
            .Orchestrator("Child", async context => await context.WaitForExternalEvent<int>("never")));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Parent", Cancellation);
        await host.UntilAsync("child", instance => instance.IsRunning);

        await host.Client.TerminateInstanceAsync(id, new TerminateInstanceOptions("because", recursive), Cancellation);

        OrchestrationMetadata end = await host.WaitAsync(id);
        Assert.Equal((OrchestrationRuntimeStatus.Terminated, "because"), (end.RuntimeStatus, end.ReadOutputAs<string>()));
        if (recursive)
        {
            Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await host.WaitAsync("child")).RuntimeStatus);
        }
        else
        {
            Assert.True((await host.Client.GetInstanceAsync("child", Cancellation))!.IsRunning);
        }
    }

    [Fact]
    public async Task Run_UnknownNames_FailVisibly()
    {
        await using TestHost host = await TestHost.StartAsync(azurite, new TestFunctions()
            .Orchestrator("Known", async context => await context.CallActivityAsync<int>("Nowhere")));

        Assert.Equal("There is no orchestrator 'Gone' in this app.", (await host.RunAsync("Gone")).FailureDetails!.ErrorMessage);
        Assert.Equal("There is no activity 'Nowhere' in this app.", (await host.RunAsync("Known")).FailureDetails!.InnerFailure!.ErrorMessage);
    }

    [Fact]
    public async Task Run_ForeignTaskContinuesTheCode_FailsWithTheReason()
    {
        var foreign = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestHost host = await TestHost.StartAsync(azurite, new TestFunctions()
            .Orchestrator("Illegal", async context =>
            {
                await Task.WhenAny(context.WaitForExternalEvent<int>("never"), foreign.Task);
                return null;
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Illegal", Cancellation);
        await host.Client.WaitForInstanceStartAsync(id, Cancellation);

        foreign.SetResult();

        Assert.Contains("CreateTimer instead of Task.Delay", (await host.WaitAsync(id)).FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ActivityNobodyAwaits_RunsAllTheSame()
    {
        var ran = new TaskCompletionSource();
        await using TestHost host = await TestHost.StartAsync(azurite, new TestFunctions()
            .Orchestrator("Forget", context =>
            {
                _ = context.CallActivityAsync("Slow");
                return Task.FromResult<object?>("done");
            })
            .Activity<object>("Slow", (_, _) =>
            {
                ran.SetResult();
                return Task.FromResult<object?>(null);
            }));

        Assert.Equal("done", (await host.RunAsync("Forget")).ReadOutputAs<string>());
        await ran.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
    }

    private static async Task AdvanceUntilAsync<T>(FakeTimeProvider clock, TimeSpan step, Func<Task<T>> read, Func<T, bool> condition)
    {
        await Eventually.AsyncTrue(async () =>
        {
            clock.Advance(step);
            return condition(await read());
        });
    }
}
