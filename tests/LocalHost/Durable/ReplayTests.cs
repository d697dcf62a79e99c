using Microsoft.Extensions.Logging;
using Modeldrop.LocalHost.Durable;
using Modeldrop.LocalHost.Durable.Replay;
using static Modeldrop.Tests.LocalHost.Durable.ReplayHost;

namespace Modeldrop.Tests.LocalHost.Durable;

public sealed class ReplayTests
{
    [Fact]
    public void Turn_TwoActivities_AsksForOneAfterTheOther()
    {
        ReplayHost host = new ReplayHost(async context =>
        {
            string first = await context.CallActivityAsync<string>("First", 1);
            return await context.CallActivityAsync<string>("Second", first);
        }).Turn();
        Assert.Equal(new TaskScheduled(0, "First", "1"), Assert.Single(host.Pending.Activities.Values));

        host.Turn(Completed(0, "one"));
        Assert.Equal(new TaskScheduled(1, "Second", "\"one\""), Assert.Single(host.Pending.Activities.Values));

        host.Turn(Completed(1, "two"));
        Assert.Equal((OrchestrationRuntimeStatus.Completed, "\"two\""), (host.End!.Status, host.End.Output));
    }

    [Fact]
    public void Turn_TimeIdsAndLogger_AreTheSameAtEveryReplay()
    {
        var seen = new List<(DateTime Time, Guid Id, bool Replaying)>();
        using var log = new ListLoggerFactory();
        var host = new ReplayHost(
            async context =>
            {
                ILogger logger = context.CreateReplaySafeLogger("test");
                for (int i = 0; i < 3; i++)
                {
                    seen.Add((context.CurrentUtcDateTime, context.NewGuid(), context.IsReplaying));
                    logger.Log(LogLevel.Information, default, i, null, (step, _) => $"{step}");
                    await context.CallActivityAsync("Work", i);
                }

                return null;
            },
            loggers: log);

        for (int i = -1; i < 3; i++)
        {
            host.Now = Start.AddMinutes(i + 1);
            host.Turn(i < 0 ? [] : [Completed(i)]);
        }

        Assert.Equal(OrchestrationRuntimeStatus.Completed, host.End!.Status);
        Assert.Equal(["0", "1", "2"], log.Entries);
        Assert.Equal([0, 0, 1, 0, 1, 2, 0, 1, 2], seen.Select(entry => (int)(entry.Time - Start.UtcDateTime).TotalMinutes));
        Assert.Equal(3, seen.Select(entry => entry.Id).Distinct().Count());
        Assert.Equal([false, true, false, true, true, false, true, true, true], seen.Select(entry => entry.Replaying));
    }

    [Fact]
    public void Turn_WhenAny_FirstOutcomeWins()
    {
        ReplayHost host = new ReplayHost(async context =>
        {
            Task<int>[] tasks = [.. Enumerable.Range(0, 3).Select(i => context.CallActivityAsync<int>("Work", i))];
            return await await Task.WhenAny(tasks);
        }).Turn().Turn(Completed(1, 11), Completed(0, 10));

        Assert.Equal("11", host.End!.Output);
    }

    [Fact]
    public void Turn_FailedActivity_ThrowsItsDetails()
    {
        ReplayHost host = new ReplayHost(async context =>
        {
            try
            {
                await context.CallActivityAsync("Work");
                return null;
            }
            catch (TaskFailedException exception)
            {
                return $"{exception.TaskName} {exception.TaskId} {exception.FailureDetails.IsCausedBy<InvalidOperationException>()} "
                    + $"{exception.FailureDetails.IsCausedBy<SystemException>()} {exception.FailureDetails.IsCausedBy<ArgumentException>()} {exception.Message}";
            }
        }).Turn().Turn(Failed(0));

        Assert.Equal("\"Work 0 True True False Task 'Work' (#0) failed with an unhandled exception: broken\"", host.End!.Output!.Replace("\\u0027", "'", StringComparison.Ordinal));
    }

    [Fact]
    public void Turn_UnhandledFailure_FailsWithTheCauseInside()
    {
        ReplayHost host = new ReplayHost(async context => await context.CallActivityAsync<int>("Work")).Turn().Turn(Failed(0));

        Assert.Equal(OrchestrationRuntimeStatus.Failed, host.End!.Status);
        Assert.True(host.Row.Failure!.IsCausedBy<TaskFailedException>());
        Assert.Equal(("System.InvalidOperationException", "broken"), (host.Row.Failure!.InnerFailure!.ErrorType, host.Row.Failure.InnerFailure.ErrorMessage));
    }

    [Fact]
    public void Turn_ResultOfAnotherType_ThrowsIntoTheCode()
    {
        ReplayHost host = new ReplayHost(async context => await context.CallActivityAsync<int>("Work")).Turn().Turn(Completed(0, "text"));

        Assert.Equal("System.Text.Json.JsonException", host.Row.Failure!.ErrorType);
    }

    [Fact]
    public void Turn_LoserTimerCancelled_IsForgotten()
    {
        ReplayHost host = new ReplayHost(async context =>
        {
            using var cancellation = new CancellationTokenSource();
            Task timer = context.CreateTimer(TimeSpan.FromDays(20), cancellation.Token);
            Task work = context.CallActivityAsync("Work");
            await Task.WhenAny(timer, work);
            cancellation.Cancel();
            await context.CallActivityAsync("After");
            return timer.IsCanceled;
        }).Turn();
        Assert.Single(host.Pending.Timers);

        host.Turn(Completed(1));
        Assert.Empty(host.Pending.Timers);

        // A timer that rings all the same has no effect.
        host.Turn(new TimerFired(0, string.Empty)).Turn(Completed(3));
        Assert.Equal("true", host.End!.Output);
    }

    [Fact]
    public void Turn_EventTimeOut_IsTaskCanceledAndLeavesNoWaiter()
    {
        ReplayHost host = new ReplayHost(async context =>
        {
            try
            {
                await context.WaitForExternalEvent<int>("Approve", TimeSpan.FromHours(1));
                return "approved";
            }
            catch (TaskCanceledException)
            {
                return await context.WaitForExternalEvent<string>("approve");
            }
        }).Turn().FireTimer();
        Assert.Null(host.End);

        host.Turn(Raised("APPROVE", "late"));
        Assert.Equal("\"late\"", host.End!.Output);
    }

    [Fact]
    public void Turn_EventInTime_CancelsTheTimer()
    {
        ReplayHost host = new ReplayHost(async context =>
        {
            int value = await context.WaitForExternalEvent<int>("Approve", TimeSpan.FromHours(1));
            await context.CallActivityAsync("Work", value);
            return value;
        }).Turn().Turn(Raised("Approve", 5));

        Assert.Empty(host.Pending.Timers);
        Assert.Equal("5", host.Turn(Completed(2)).End!.Output);
    }

    [Fact]
    public void Turn_EarlyEvents_WaitInOrder()
    {
        ReplayHost host = new ReplayHost(async context =>
        {
            await context.CallActivityAsync("Work");
            return new[]
            {
                await context.WaitForExternalEvent<string>("a"), await context.WaitForExternalEvent<string>("b"), await context.WaitForExternalEvent<string>("a"),
            };
        }).Turn(Raised("B", "b1"), Raised("a", "a1")).Turn(Raised("A", "a2")).Turn(Completed(0));

        Assert.Equal("""["a1","b1","a2"]""", host.End!.Output);
    }

    [Fact]
    public void Turn_ContinueAsNew_KeepsUnprocessedEventsAndDropsOldOutcomes()
    {
        ReplayHost host = new ReplayHost(
            async context =>
            {
                int round = context.GetInput<int>();
                _ = context.CallActivityAsync("Unawaited", round);
                string seen = await context.WaitForExternalEvent<string>("next");
                context.SetCustomStatus(seen);
                if (round == 3)
                {
                    return seen;
                }

                context.ContinueAsNew(round + 1);
                return null;
            },
            input: 1).Turn(Raised("next", "a"), Raised("next", "b"));

        Assert.Equal((2, "\"a\""), (host.Row.Generation, host.Row.CustomStatus));
        Assert.Equal(Raised("next", "b"), host.History[^1]);
        host.Turn(new TaskCompleted(0, "start.1", null));
        Assert.Equal((3, "\"b\"", 1), (host.Row.Generation, host.Row.CustomStatus, host.History.Count));
        host.Turn().Turn(Raised("next", "c"));
        Assert.Equal("\"c\"", host.End!.Output);
    }

    [Fact]
    public void Turn_Suspended_HoldsEverythingUntilResumed()
    {
        int calls = 0;
        ReplayHost host = new ReplayHost(async context =>
        {
            int value = await context.CallActivityAsync<int>("Work");
            calls++;
            return value + await context.WaitForExternalEvent<int>("more");
        }).Turn().Turn(new ExecutionSuspended("pause"));
        Assert.Equal(OrchestrationRuntimeStatus.Suspended, host.Row.Status);

        host.Turn(Completed(0, 1), Raised("more", 2));
        Assert.Equal((OrchestrationRuntimeStatus.Suspended, 0), (host.Row.Status, calls));

        host.Turn(new ExecutionResumed(null));
        Assert.Equal("3", host.End!.Output);
    }

    [Fact]
    public void Turn_Terminated_EndsWithItsOutput()
    {
        ReplayHost host = new ReplayHost(async context => await context.WaitForExternalEvent<int>("never")).Turn()
            .Turn(new ExecutionTerminated("\"enough\"", Recursive: false));

        Assert.Equal((OrchestrationRuntimeStatus.Terminated, "\"enough\""), (host.End!.Status, host.End.Output));
    }

    [Fact]
    public void SetCustomStatus_TooLong_Throws()
    {
        ReplayHost host = new ReplayHost(context =>
        {
            context.SetCustomStatus(new string('x', 9000));
            return Task.FromResult<object?>(null);
        }).Turn();

        Assert.Equal("System.ArgumentException", host.Row.Failure!.ErrorType);
    }

    private sealed class ListLoggerFactory : ILoggerFactory, ILogger
    {
        public List<string> Entries { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
