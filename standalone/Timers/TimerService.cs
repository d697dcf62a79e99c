using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone.Timers;

/// <summary>Runs the timers while this host leads. Runs of one timer never overlap.</summary>
internal sealed partial class TimerService(
    IReadOnlyList<StandaloneFunction> functions,
    FunctionRunner runner,
    TimerStatusStore store,
    ILeadership leadership,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<TimerService> logger) : LeaderService(functions, leadership, lifetime, clock, logger)
{
    // After a laptop has slept, its delays continue where they stopped, so the time is checked at least this often.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _clock = clock;
    private readonly ILogger _logger = logger;

    protected override async Task LeadAsync(StandaloneFunction function, CancellationToken leading, CancellationToken stopping)
    {
        var trigger = (TimerTriggerAttribute)function.Trigger;
        TimerSchedule schedule = TimerSchedule.Parse(trigger.Schedule, out _)!;
        FunctionExecutionDelegate pipeline = runner.Pipeline(function);
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(leading, stopping);
        bool monitored = trigger.UseMonitor && schedule.IsMonitorable(Now());
        ScheduleStatus? stored = monitored ? await store.FindAsync(function.Name, wait.Token) : null;
        (ScheduleStatus status, bool isPastDue) = TimerPlan.Begin(schedule, stored, Now());
        if (stored is not null && TimerPlan.Correct(schedule, stored, Now()) is not null)
        {
            Log.ClockWentBack(_logger, function.Name, stored.Next, status.Next);
        }

        if (monitored && status != stored)
        {
            await store.SetAsync(function.Name, status, wait.Token);
        }

        for (bool early = isPastDue || trigger.RunOnStartup; ; early = false)
        {
            if (!early)
            {
                status = await WaitAsync(function, schedule, status, wait.Token);
            }

            wait.Token.ThrowIfCancellationRequested();
            DateTime startedAt = Now();
            var timer = new TimerInfo { ScheduleStatus = monitored ? status : null, IsPastDue = early && isPastDue };
            await RunAsync(function, pipeline, timer, leading);

            status = TimerPlan.AfterRun(schedule, status, startedAt, early);
            if (monitored)
            {
                // Also when stopping: the function has run.
                leading.ThrowIfCancellationRequested();
                await store.SetAsync(function.Name, status, Abort);
            }
        }
    }

    private async Task RunAsync(StandaloneFunction function, FunctionExecutionDelegate pipeline, TimerInfo timer, CancellationToken leading)
    {
        using var run = CancellationTokenSource.CreateLinkedTokenSource(leading, Abort);
        try
        {
            await runner.RunAsync(function, pipeline, timer, bindingData: null, run.Token);
        }
        catch (Exception exception)
        {
            run.Token.ThrowIfCancellationRequested();
            Log.Failed(_logger, exception, function.Name);
        }
    }

    /// <summary>Waits for the next time.</summary>
    /// <returns>The status, corrected if the clock was set back meanwhile.</returns>
    private async Task<ScheduleStatus> WaitAsync(
        StandaloneFunction function, TimerSchedule schedule, ScheduleStatus status, CancellationToken cancellationToken)
    {
        for (TimeSpan left = status.Next - Now(); left > TimeSpan.Zero; left = status.Next - Now())
        {
            await Task.Delay(left < LongestDelay ? left : LongestDelay, _clock, cancellationToken);
            if (TimerPlan.Correct(schedule, status, Now()) is { } corrected)
            {
                Log.ClockWentBack(_logger, function.Name, status.Next, corrected.Next);
                status = corrected;
            }
        }

        return status;
    }

    private DateTime Now() => _clock.GetUtcNow().UtcDateTime;

    private static partial class Log
    {
        [LoggerMessage(9011, LogLevel.Warning, "The clock was set back: timer {Function} was due at {Before:u} and now runs at {After:u}.")]
        public static partial void ClockWentBack(ILogger logger, string function, DateTime before, DateTime after);

        [LoggerMessage(9010, LogLevel.Error, "Timer {Function} failed; it runs again at its next time.")]
        public static partial void Failed(ILogger logger, Exception exception, string function);
    }
}
