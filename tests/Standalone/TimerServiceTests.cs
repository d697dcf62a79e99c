using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Standalone;
using Modeldrop.Standalone.Hosting;
using Modeldrop.Standalone.Invocation;
using Modeldrop.Standalone.Timers;

namespace Modeldrop.Tests.Standalone;

public sealed class TimerServiceTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 2, 3, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hourly_ClockMoves_RunsOncePerHourWithItsStatus()
    {
        var runs = new Runs();
        var clock = new FakeTimeProvider(Start);
        await using Started timer = await StartAsync(typeof(Hourly), clock, runs, TestHost.Storage(azurite));

        await AdvanceUntilAsync(clock, () => runs.All.Count == 3);

        Assert.All(runs.All, run => Assert.False(run.IsPastDue));
        Assert.Equal([At(11), At(12), At(13)], runs.All.Select(run => run.Status!.Next));
        Assert.Equal([default, At(11), At(12)], runs.All.Select(run => Hour(run.Status!.Last)));
    }

    [Fact]
    public async Task Hourly_NoHostForHours_RunsOnceImmediatelyAsPastDue()
    {
        var runs = new Runs();
        Dictionary<string, string?> storage = TestHost.Storage(azurite);
        var clock = new FakeTimeProvider(Start);
        await using (await StartAsync(typeof(Hourly), clock, runs, storage))
        {
            await AdvanceUntilAsync(clock, () => runs.All.Count == 1);
        }

        clock.Advance(TimeSpan.FromHours(3));
        await using Started second = await StartAsync(typeof(Hourly), clock, runs, storage);
        await Poll.UntilAsync(() => runs.All.Count == 2, "the run that was missed");
        await AdvanceUntilAsync(clock, () => runs.All.Count == 3);

        Assert.Equal([false, true, false], runs.All.Select(run => run.IsPastDue));
        Assert.Equal(At(11), Hour(runs.All[1].Status!.Last));
        Assert.Equal(At(15), runs.All[2].Status!.Next);
    }

    [Fact]
    public async Task Hourly_ClockPutBackADay_RunsAgainWithinTheHour()
    {
        var runs = new Runs();
        var clock = new ShiftedClock(new FakeTimeProvider(Start));
        await using Started timer = await StartAsync(typeof(Hourly), clock, runs, TestHost.Storage(azurite));
        clock.Shift = TimeSpan.FromDays(1);
        await AdvanceUntilAsync(clock.Inner, () => runs.All.Count == 1);

        clock.Shift = TimeSpan.Zero;
        await AdvanceUntilAsync(clock.Inner, () => runs.All.Count == 2);

        Assert.InRange(clock.GetUtcNow(), Start, Start.AddHours(3));
        Assert.Equal(Start.Day, runs.All[1].Status!.Next.Day);
    }

    [Fact]
    public async Task RunOnStartup_SubMinutePeriod_RunsAtOnceWithoutStatus()
    {
        var runs = new Runs();
        var clock = new FakeTimeProvider(Start);
        await using Started timer = await StartAsync(typeof(Quick), clock, runs, TestHost.Storage(azurite));

        await Poll.UntilAsync(() => runs.All.Count == 1, "the run at start");

        Assert.Equal((false, null), (runs.All[0].IsPastDue, runs.All[0].Status));
    }

    [Fact]
    public async Task SlowRun_LongerThanThePeriod_NeverOverlaps()
    {
        var runs = new Runs { Hold = new TaskCompletionSource() };
        var clock = new FakeTimeProvider(Start);
        await using Started timer = await StartAsync(typeof(Quick), clock, runs, TestHost.Storage(azurite));
        await Poll.UntilAsync(() => runs.Running == 1, "the first run");

        for (int tick = 0; tick < 50; tick++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Empty(runs.All);
        runs.Hold.SetResult();
        await AdvanceUntilAsync(clock, () => runs.All.Count >= 3);
        Assert.Equal(1, runs.MostAtOnce);
    }

    [Fact]
    public async Task Run_Failed_TheNextOneStillRuns()
    {
        var runs = new Runs { Failures = 1 };
        var clock = new FakeTimeProvider(Start);
        await using Started timer = await StartAsync(typeof(Hourly), clock, runs, TestHost.Storage(azurite));

        await AdvanceUntilAsync(clock, () => runs.All.Count == 1);

        Assert.Equal(At(12), runs.All[0].Status!.Next);
    }

    [Fact]
    public async Task Stop_RunInFlight_Finishes()
    {
        var runs = new Runs { Hold = new TaskCompletionSource() };
        Started timer = await StartAsync(typeof(Quick), new FakeTimeProvider(Start), runs, TestHost.Storage(azurite));
        await Poll.UntilAsync(() => runs.Running == 1, "the first run");

        Task stopped = timer.Service.StopAsync(Cancellation);
        Assert.False(stopped.IsCompleted);
        runs.Hold.SetResult();
        await stopped;

        Assert.Single(runs.All);
        await timer.DisposeAsync();
    }

    [Fact]
    public async Task TwoHosts_OneStops_EveryTickRunsOnce()
    {
        var runs = new Runs();
        Dictionary<string, string?> settings = TestHost.Storage(azurite);
        await using TestHost first = await TestHost.StartAsync(
            [typeof(EverySecond)], settings, configure: builder => builder.Services.AddSingleton(runs));
        await using TestHost second = await TestHost.StartAsync(
            [typeof(EverySecond)], settings, configure: builder => builder.Services.AddSingleton(runs));
        await Poll.UntilAsync(() => runs.Ticks.Count >= 3, "runs on the first host");

        await first.StopAsync();
        int before = runs.Ticks.Count;
        await Poll.UntilAsync(() => runs.Ticks.Count >= before + 2, "runs on the second host");

        Assert.Equal(runs.Ticks.Distinct(), runs.Ticks);
    }

    // Small steps, each followed by a pause in which the timer can act, as on a real clock.
    private static Task AdvanceUntilAsync(FakeTimeProvider clock, Func<bool> condition) => Poll.UntilAsync(
        () =>
        {
            if (condition())
            {
                return true;
            }

            clock.Advance(TimeSpan.FromSeconds(20));
            return false;
        },
        "a run of the timer");

    private static DateTime At(int hour) => new(2026, 3, 1, hour, 0, 0, DateTimeKind.Utc);

    // A step may end shortly after the hour.
    private static DateTime Hour(DateTime time) =>
        time == default ? default : new DateTime(time.Year, time.Month, time.Day, time.Hour, 0, 0, DateTimeKind.Utc);

    private static async Task<Started> StartAsync(Type functions, TimeProvider clock, Runs runs, Dictionary<string, string?> settings)
    {
        StandaloneBuilder builder = TestHost.CreateBuilder([functions], settings);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(clock).AddSingleton(runs);
        StandaloneHost host = builder.Build();
        await host.Services.GetRequiredService<HostStorage>().HostContainer.CreateIfNotExistsAsync(cancellationToken: Cancellation);

        // The service alone, as leader from the start: the lease has separate tests and does not work with a jumping clock.
        IReadOnlyList<StandaloneFunction> discovered = FunctionDiscovery.Discover([functions]);
        var service = ActivatorUtilities.CreateInstance<TimerService>(host.Services, discovered, new AlwaysLeads());
        await service.StartAsync(Cancellation);
        return new Started(host, service);
    }

    private sealed record Started(StandaloneHost Host, TimerService Service) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Service.StopAsync(CancellationToken.None);
            Service.Dispose();
            await Host.DisposeAsync();
        }
    }

    private sealed class AlwaysLeads : ILeadership
    {
        public Task<CancellationToken> WaitUntilLeaderAsync(CancellationToken cancellationToken) => Task.FromResult(CancellationToken.None);
    }

    public sealed class Runs
    {
        private readonly ConcurrentQueue<(bool IsPastDue, ScheduleStatus? Status)> _all = new();
        private int _running;

        public TaskCompletionSource? Hold { get; init; }

        public int Failures { get; set; }

        public int Running => _running;

        public int MostAtOnce { get; private set; }

        public ConcurrentQueue<long> Ticks { get; } = new();

        public List<(bool IsPastDue, ScheduleStatus? Status)> All => [.. _all];

        public async Task RunAsync(TimerInfo timer)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _running));
            await (Hold?.Task ?? Task.CompletedTask);
            Interlocked.Decrement(ref _running);
            if (Failures-- > 0)
            {
                throw new InvalidOperationException("broken");
            }

            _all.Enqueue((timer.IsPastDue, timer.ScheduleStatus));
        }
    }

    public sealed class EverySecond(Runs runs)
    {
        [Function("EverySecond")]
        public void Run([TimerTrigger("* * * * * *")] TimerInfo timer) =>
            runs.Ticks.Enqueue(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
    }

    public sealed class Hourly(Runs runs)
    {
        [Function("Hourly")]
        public Task RunAsync([TimerTrigger("0 0 * * * *")] TimerInfo timer) => runs.RunAsync(timer);
    }

    public sealed class Quick(Runs runs)
    {
        [Function("Quick")]
        public Task RunAsync([TimerTrigger("*/5 * * * * *", RunOnStartup = true)] TimerInfo timer) => runs.RunAsync(timer);
    }
}
