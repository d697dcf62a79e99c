using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Modeldrop.LocalHost.Durable.Replay;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>An activity to run, and where its outcome goes.</summary>
internal sealed record ActivityCall(LiveInstance Instance, string Execution, TaskScheduled Scheduled);

/// <summary>Runs activities, so many at a time. An activity runs at least once: after a crash, again.</summary>
internal sealed partial class ActivityPool(DurableFunctions functions, DataConverter converter, ILogger logger)
{
    private readonly Channel<ActivityCall> _calls = Channel.CreateUnbounded<ActivityCall>();

    public void Start(ActivityCall call) => _calls.Writer.TryWrite(call);

    /// <summary>Takes one call after the other. Several of these may run.</summary>
    /// <param name="done">Gets the call and its outcome.</param>
    /// <param name="stop">Takes no further call; the running one finishes.</param>
    /// <param name="abort">Cancels the running one; it has no outcome then.</param>
    public async Task RunAsync(Action<ActivityCall, TaskOutcome> done, CancellationToken stop, CancellationToken abort)
    {
        while (!stop.IsCancellationRequested)
        {
            ActivityCall call;
            try
            {
                call = await _calls.Reader.ReadAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (await RunAsync(call, abort) is { } outcome)
            {
                done(call, outcome);
            }
        }
    }

    private async Task<TaskOutcome?> RunAsync(ActivityCall call, CancellationToken abort)
    {
        (int taskId, string name, string? input) = call.Scheduled;
        string instanceId = call.Instance.InstanceId;
        try
        {
            if (!functions.Activities.TryGetValue(name, out ActivityFunction? function))
            {
                throw new InvalidOperationException($"There is no activity '{name}' in this app.");
            }

            object? result = await function.RunAsync(new ActivityContext(name, instanceId), input, abort);
            return new TaskCompleted(taskId, call.Execution, converter.Serialize(result));
        }
        catch (Exception) when (abort.IsCancellationRequested)
        {
            // Whoever leads next runs it again.
            return null;
        }
        catch (Exception exception)
        {
            Log.ActivityFailed(logger, exception, name, taskId, instanceId);
            return new TaskFailed(taskId, call.Execution, TaskFailureDetails.FromException(exception));
        }
    }

    private sealed class ActivityContext(string name, string instanceId) : TaskActivityContext
    {
        public override TaskName Name => name;

        public override string InstanceId => instanceId;
    }

    private static partial class Log
    {
        [LoggerMessage(730, LogLevel.Warning, "Activity '{Activity}' (#{TaskId}) of orchestration '{InstanceId}' failed.")]
        public static partial void ActivityFailed(ILogger logger, Exception exception, string activity, int taskId, string instanceId);
    }
}
