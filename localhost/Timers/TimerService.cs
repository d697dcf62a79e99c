using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Modeldrop.LocalHost.Timers;

/// <summary>Runs the timers while this host leads; each timer after itself, never beside itself.</summary>
internal sealed partial class TimerService(
    IReadOnlyList<LocalFunction> functions,
    FunctionRunner runner,
    IConfiguration configuration,
    TimerStatusStore store,
    ILeadership leadership,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<TimerService> logger) : LeaderService(functions, leadership, lifetime, clock, logger)
{
    // A laptop that slept wakes with its delays where they were: the time is looked at again this often.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _clock = clock;
    private readonly ILogger _logger = logger;

    protected override async Task LeadAsync(LocalFunction function, CancellationToken leading, CancellationToken stopping)
    {
        var trigger = (TimerTriggerAttribute)function.Trigger;
        TimerSchedule schedule = TimerSchedule.Parse(trigger.Schedule, configuration, out _)!;
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(leading, stopping);
        bool monitored = trigger.UseMonitor && schedule.IsMonitorable(Now());
        ScheduleStatus? stored = monitored ? await store.FindAsync(function.Name, wait.Token) : null;
        (ScheduleStatus status, bool isPastDue) = TimerPlan.Begin(schedule, stored, Now());
        if (monitored && status != stored)
        {
            await store.SetAsync(function.Name, status, wait.Token);
        }

        for (bool early = isPastDue || trigger.RunOnStartup; ; early = false)
        {
            if (!early)
            {
                await WaitUntilAsync(status.Next, wait.Token);
            }

            wait.Token.ThrowIfCancellationRequested();
            DateTime startedAt = Now();
            var timer = new TimerInfo { ScheduleStatus = monitored ? status : null, IsPastDue = early && isPastDue };
            await RunAsync(function, timer, leading, stopping);

            status = TimerPlan.AfterRun(schedule, status, startedAt, early);
            if (monitored)
            {
                // Also when stopping: the run has been.
                leading.ThrowIfCancellationRequested();
                await store.SetAsync(function.Name, status, Abort);
            }
        }
    }

    private async Task RunAsync(LocalFunction function, TimerInfo timer, CancellationToken leading, CancellationToken stopping)
    {
        using var run = CancellationTokenSource.CreateLinkedTokenSource(leading, Abort);
        for (int retry = 0; ; retry++)
        {
            try
            {
                await runner.RunAsync(function, timer, null, new Retry(retry, function.Retry?.MaxRetryCount ?? 0), run.Token);
                return;
            }
            catch (Exception exception)
            {
                run.Token.ThrowIfCancellationRequested();
                Log.Failed(_logger, exception, function.Name, retry + 1);
            }

            if (TimerPlan.RetryDelay(function.Retry, retry + 1) is not { } delay || stopping.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(delay, _clock, run.Token);
        }
    }

    private async Task WaitUntilAsync(DateTime time, CancellationToken cancellationToken)
    {
        for (TimeSpan left = time - Now(); left > TimeSpan.Zero; left = time - Now())
        {
            await Task.Delay(left < LongestDelay ? left : LongestDelay, _clock, cancellationToken);
        }
    }

    private DateTime Now() => _clock.GetUtcNow().UtcDateTime;

    private static partial class Log
    {
        [LoggerMessage(9010, LogLevel.Error, "Timer {Function} failed (run {Run}).")]
        public static partial void Failed(ILogger logger, Exception exception, string function, int run);
    }
}
