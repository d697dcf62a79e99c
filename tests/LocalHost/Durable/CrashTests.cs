using System.Collections.Concurrent;
using System.Globalization;
using Modeldrop.LocalHost.Durable;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.Tests.LocalHost.Durable;

/// <summary>Kills a host at every write to storage, before and after it takes effect: another must finish as if nothing had happened.</summary>
public sealed class CrashTests(AzuriteFixture azurite, ITestOutputHelper output)
{
    private const int Parallel = 6;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_KilledAtAnyWrite_FinishesWithEveryEffectOnce(bool takesEffect)
    {
        Fault fault = takesEffect ? Fault.After : Fault.Before;
        int runs = 0;
        for (bool reached = true; reached; )
        {
            int first = runs + 1;
            bool[] died = await Task.WhenAll(Enumerable.Range(first, Parallel).Select(n => KillAtAsync(n, fault)));
            runs += Parallel;
            reached = died[^1];
        }

        output.WriteLine($"{runs} runs.");
        Assert.InRange(runs, 24, 1000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Run_StorageFailsNowAndThen_FinishesWithEveryEffectOnce(int seed)
    {
        var random = new Random(seed);
        var policy = new FaultPolicy(_ => Next(random), kills: false);
        var scenario = new Scenario();
        await using var host = new TestHost(azurite.ConnectionString, TestHost.NewHub(), scenario.Functions, policy: policy);
        await using var client = new TestHost(azurite.ConnectionString, host.Client.Name, scenario.Functions, leads: false);
        await client.StartAsync();
        await Scenario.StartAsync(client.Client);
        while (true)
        {
            try
            {
                await host.StartAsync();
                break;
            }
            catch (Exception exception) when (exception is InjectedFaultException)
            {
                // The tables exist already; only the random numbers were against it.
            }
        }

        await scenario.CheckAsync(client);
    }

    private static Fault Next(Random random)
    {
        lock (random)
        {
            return random.Next(10) switch { 0 => Fault.Before, 1 => Fault.After, _ => Fault.None };
        }
    }

    [Fact]
    public async Task Run_TwoHostsBothBelieveToLead_FinishWithEveryEffectOnce()
    {
        var scenario = new Scenario();
        string hub = TestHost.NewHub();
        await using var first = new TestHost(azurite.ConnectionString, hub, scenario.Functions);
        await using var second = new TestHost(azurite.ConnectionString, hub, scenario.Functions);
        await first.StartAsync();
        await second.StartAsync();
        await Scenario.StartAsync(second.Client);

        await scenario.CheckAsync(first);
    }

    /// <returns>Whether there were so many writes.</returns>
    private async Task<bool> KillAtAsync(int write, Fault fault)
    {
        var scenario = new Scenario();
        string hub = TestHost.NewHub();
        await using var second = new TestHost(azurite.ConnectionString, hub, scenario.Functions, leads: false);
        await second.StartAsync();
        await Scenario.StartAsync(second.Client);

        // The three that make sure of tables and container come first: the tables exist already.
        var policy = new FaultPolicy(n => n == write + 3 ? fault : Fault.None, kills: true);
        await using var first = new TestHost(azurite.ConnectionString, hub, scenario.Functions, policy: policy);
        await first.StartAsync();

        Task finished = Scenario.WaitAsync(second);
        await Task.WhenAny(policy.Death, finished);
        first.Leadership.Lose();

        // As if the clients' wakes were long settled: the next host must find everything by itself.
        var wakes = new WakeTable(second.Storage);
        await wakes.DeleteAsync(await wakes.ListAsync(Cancellation), Cancellation);
        second.Leadership.Lead();
        await scenario.CheckAsync(second);
        return policy.Death.IsCompleted;
    }

    /// <summary>Activities (also more than a transaction holds, and a result too long for a row), a retry, a timer, an early and a late event, a sub-orchestration, messages between instances, continue-as-new.</summary>
    private sealed class Scenario
    {
        private readonly ConcurrentDictionary<string, int> _effects = new();

        public Scenario() => Functions = new TestFunctions()
            .Orchestrator("Main", MainAsync)
            .Orchestrator("Child", ChildAsync)
            .Orchestrator("Account", AccountAsync)
            .Activity<string>("Do", Do)
            .Activity<int>("Large", length => new string('x', length))
            .Activity<string>("FailOnce", FailOnce);

        public TestFunctions Functions { get; }

        public static async Task StartAsync(DurableTaskClient client)
        {
            await client.ScheduleNewOrchestrationInstanceAsync("Account", 0, new StartOrchestrationOptions("account"), Cancellation);
            await client.ScheduleNewOrchestrationInstanceAsync("Main", 7, new StartOrchestrationOptions("main"), Cancellation);
            await client.RaiseEventAsync("main", "Go", 1000, Cancellation);
        }

        public static async Task WaitAsync(TestHost host)
        {
            await host.WaitAsync("main");
            await host.WaitAsync("account");
        }

        public async Task CheckAsync(TestHost host)
        {
            OrchestrationMetadata main = await host.WaitAsync("main");
            Assert.Equal($"first,left,right,child7,late,{1000 + EventRows.MaxRowBytes + 1}", main.FailureDetails?.ToString() ?? main.ReadOutputAs<string>());

            // 1 and 100 from the orchestration, 10 from its child; -1 closes the account.
            OrchestrationMetadata account = await host.WaitAsync("account");
            Assert.Equal("111", account.FailureDetails?.ToString() ?? account.SerializedOutput);
            Assert.Equal(["child7", "first", "late", "left", "right", "unreliable", "wide"], _effects.Keys.Order(StringComparer.Ordinal));

            var queries = new InstanceQueries(host.Storage);
            await Eventually.AsyncTrue(async () => !await queries.ListUnfinishedAsync(Cancellation).AnyAsync(Cancellation));

            OrchestrationMetadata[] all = await host.Client.GetAllInstancesAsync().ToArrayAsync(Cancellation);
            Assert.Equal(["Account", "Child", "Main"], all.Select(instance => instance.Name).Order(StringComparer.Ordinal));
            Assert.All(all, instance => Assert.Equal(OrchestrationRuntimeStatus.Completed, instance.RuntimeStatus));
        }

        private static async Task<object?> MainAsync(TaskOrchestrationContext context)
        {
            int input = context.GetInput<int>();
            string first = await context.CallActivityAsync<string>("Do", "first");
            context.SendEvent("account", "Add", 1);
            await context.CreateTimer(TimeSpan.FromMilliseconds(20), CancellationToken.None);
            string[] both = await Task.WhenAll(context.CallActivityAsync<string>("Do", "left"), context.CallActivityAsync<string>("Do", "right"));
            await Task.WhenAll(Enumerable.Range(0, 110).Select(_ => context.CallActivityAsync<string>("Do", "wide")));
            string large = await context.CallActivityAsync<string>("Large", EventRows.MaxRowBytes + 1);
            string child = await context.CallSubOrchestratorAsync<string>("Child", input);
            await context.CallActivityAsync("FailOnce", "unreliable", TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromMilliseconds(5))));
            int go = await context.WaitForExternalEvent<int>("Go", TimeSpan.FromDays(20));
            string late = await context.CallActivityAsync<string>("Do", "late");

            // Sent in the turn that ends the instance: the next host must still find them.
            context.SendEvent("account", "Add", 100);
            context.SendEvent("account", "Add", -1);
            return string.Join(',', [first, .. both, child, late, (go + large.Length).ToString(CultureInfo.InvariantCulture)]);
        }

        private static async Task<object?> ChildAsync(TaskOrchestrationContext context)
        {
            string done = await context.CallActivityAsync<string>("Do", $"child{context.GetInput<int>()}");
            context.SendEvent("account", "Add", 10);
            return done;
        }

        private static async Task<object?> AccountAsync(TaskOrchestrationContext context)
        {
            int total = context.GetInput<int>();
            int amount = await context.WaitForExternalEvent<int>("Add");
            if (amount < 0)
            {
                return total;
            }

            context.ContinueAsNew(total + amount);
            return null;
        }

        private string Do(string? what)
        {
            _effects.AddOrUpdate(what!, 1, (_, count) => count + 1);
            return what!;
        }

        private string FailOnce(string? what) => _effects.AddOrUpdate(what!, 1, (_, count) => count + 1) > 1
            ? what!
            : throw new InvalidOperationException("Not yet.");
    }
}
