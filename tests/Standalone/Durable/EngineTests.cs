using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.Tests.Standalone.Durable;

/// <summary>Behaviour of the durable engine in this program that the product relies on.</summary>
public sealed class EngineTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_PayloadsBeyond64KiB_RoundTrip()
    {
        await using DurableHost host = await DurableHost.StartAsync(
            azurite, [typeof(Functions)], services: services => services.AddSingleton(new Log()));
        string payload = string.Concat(Enumerable.Repeat("\"quoted\" und übertragen ", 20_000));

        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("Large", payload, Cancellation);
        await host.Client.RaiseEventAsync(id, "More", payload, Cancellation);
        OrchestrationMetadata end = await host.WaitAsync(id);

        Assert.Equal([payload.Length, 2 * payload.Length, payload.Length], end.ReadOutputAs<int[]>()!);
        Assert.Equal(payload, end.ReadInputAs<string>());
    }

    [Fact]
    public async Task Schedule_ExistingId_Throws()
    {
        await using DurableHost host = await DurableHost.StartAsync(
            azurite, [typeof(Functions)], services: services => services.AddSingleton(new Log()));
        var options = new StartOrchestrationOptions(InstanceId: "once");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("Waits", null, options, Cancellation);

        await Assert.ThrowsAnyAsync<Exception>(
            () => host.Client.ScheduleNewOrchestrationInstanceAsync("Waits", null, options, Cancellation));

        // The first instance still exists and was not replaced.
        await host.Client.RaiseEventAsync("once", "go", 7, Cancellation);
        Assert.Equal(7, (await host.WaitAsync("once")).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Terminate_WhileAnActivityRuns_EndsTheOrchestrationOnly()
    {
        var log = new Log { Hold = new TaskCompletionSource() };
        await using DurableHost host = await DurableHost.StartAsync(
            azurite, [typeof(Functions)], services: services => services.AddSingleton(log));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("TwoSteps", Cancellation);
        await Poll.UntilAsync(() => log.Begun == 1, "the first step");

        await host.Client.TerminateInstanceAsync(id, new TerminateInstanceOptions("Cancelled by ann."), Cancellation);
        OrchestrationMetadata end = await host.WaitAsync(id);
        log.Hold.SetResult();

        Assert.Equal(OrchestrationRuntimeStatus.Terminated, end.RuntimeStatus);
        await Poll.UntilAsync(() => log.Ended == 1, "the step that was under way");
        Assert.Equal(1, log.Begun);
    }

    [Fact]
    public async Task Stop_WhileAnActivityRuns_IsNotAFailedAttempt()
    {
        string hub = DurableHost.NewHub();
        var log = new Log { Hold = new TaskCompletionSource() };
        DurableHost first = await DurableHost.StartAsync(azurite, [typeof(Functions)], hub, services => services.AddSingleton(log));
        string id = await first.Client.ScheduleNewOrchestrationInstanceAsync("TwoSteps", Cancellation);
        await Poll.UntilAsync(() => log.Begun == 1, "the first step");

        await first.StopAsync();
        await first.DisposeAsync();
        log.Hold = null;
        await using DurableHost second = await DurableHost.StartAsync(
            azurite, [typeof(Functions)], hub, services => services.AddSingleton(log));
        OrchestrationMetadata end = await second.WaitAsync(id);

        // The orchestration has no retries, so a counted try would have failed it.
        Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        Assert.Equal(3, log.Begun);
    }

    [Fact]
    public async Task Run_Failed_GivesTheReason()
    {
        await using DurableHost host = await DurableHost.StartAsync(
            azurite, [typeof(Functions)], services: services => services.AddSingleton(new Log()));

        OrchestrationMetadata end = await host.RunAsync("Fails");

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Contains("the store is away", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_ByPrefixAndPages_FindsAll()
    {
        await using DurableHost host = await DurableHost.StartAsync(
            azurite, [typeof(Functions)], services: services => services.AddSingleton(new Log()));
        for (int number = 0; number < 5; number++)
        {
            await host.Client.ScheduleNewOrchestrationInstanceAsync(
                "Waits", null, new StartOrchestrationOptions(InstanceId: $"a~{number}"), Cancellation);
        }

        await host.Client.ScheduleNewOrchestrationInstanceAsync(
            "Waits", null, new StartOrchestrationOptions(InstanceId: "b~1"), Cancellation);
        List<string> found = [];
        int pages = 0;
        var query = new OrchestrationQuery(InstanceIdPrefix: "a~", PageSize: 2, FetchInputsAndOutputs: true);
        await foreach (
            Page<OrchestrationMetadata> page in host.Client.GetAllInstancesAsync(query).AsPages(null, 2).WithCancellation(Cancellation))
        {
            pages++;
            found.AddRange(page.Values.Select(instance => instance.InstanceId));
        }

        Assert.Equal(["a~0", "a~1", "a~2", "a~3", "a~4"], found.Order());
        Assert.InRange(pages, 3, 6);
    }

    /// <summary>Two processes on one hub: each activity runs once, whichever process stops.</summary>
    [Fact]
    public async Task TwoHosts_OneStops_TheOtherContinues()
    {
        string hub = DurableHost.NewHub();
        var log = new Log();
        DurableHost first = await DurableHost.StartAsync(azurite, [typeof(Functions)], hub, services => services.AddSingleton(log));
        await using DurableHost second = await DurableHost.StartAsync(
            azurite, [typeof(Functions)], hub, services => services.AddSingleton(log));
        string[] ids = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => second.Client.ScheduleNewOrchestrationInstanceAsync("TwoSteps", Cancellation)));

        await first.StopAsync();
        await first.DisposeAsync();
        OrchestrationMetadata[] ends = await Task.WhenAll(ids.Select(second.WaitAsync));

        Assert.All(ends, end => Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus));
    }

    public sealed class Log
    {
        private int _begun;
        private int _ended;

        public TaskCompletionSource? Hold { get; set; }

        public int Begun => _begun;

        public int Ended => _ended;

        public async Task StepAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _begun);
            await (Hold?.Task ?? Task.CompletedTask).WaitAsync(cancellationToken);
            Interlocked.Increment(ref _ended);
        }
    }

    public sealed class Functions(Log log)
    {
        [Function("Large")]
        public static async Task<int[]> LargeAsync([OrchestrationTrigger] TaskOrchestrationContext context, string text)
        {
            string doubled = await context.CallActivityAsync<string>("Double", text);
            string raised = await context.WaitForExternalEvent<string>("More");
            return [text.Length, doubled.Length, raised.Length];
        }

        [Function("Waits")]
        public static Task<int> WaitAsync([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.WaitForExternalEvent<int>("go");

        [Function("TwoSteps")]
        public static async Task TwoStepsAsync([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            await context.CallActivityAsync("Step", 1);
            await context.CallActivityAsync("Step", 2);
        }

        [Function("Fails")]
        public static Task FailAsync([OrchestrationTrigger] TaskOrchestrationContext context) => context.CallActivityAsync("Broken", 1);

        [Function("Double")]
        public static Task<string> DoubleAsync([ActivityTrigger] string text) => Task.FromResult(text + text);

        [Function("Step")]
        public Task StepAsync([ActivityTrigger] int number, FunctionContext context) => log.StepAsync(context.CancellationToken);

        [Function("Broken")]
        public static Task BreakAsync([ActivityTrigger] int number) => throw new InvalidOperationException("the store is away");
    }
}
