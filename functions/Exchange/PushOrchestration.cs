using Modeldrop.Exchange.Push;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;

namespace Modeldrop.Functions.Exchange;

/// <summary>Sends a version to another installation and polls until that one has decided. Changes nothing in this installation.</summary>
public static class PushOrchestration
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>A rollout there may wait for a person for days. After this time, ask the other installation.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(1);

    [Function(nameof(PushOrchestration))]
    public static async Task<OperationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, PushInput input)
    {
        var progress = new ProgressReporter(context);
        progress.Begin("pushing", $"version {input.Version} to '{input.Target}'");
        PushedBundle pushed = await context.CallActivityAsync<PushedBundle>(
            nameof(PushActivities.SendBundle), new PushStepInput(OperationId.Parse(context.InstanceId), input), ActivityOptions.Default);
        if (pushed.There is not { } there)
        {
            progress.Begin("rejected", pushed.Refusal);
            return OperationResult.Rejected(input.Version, [pushed.Refusal ?? "The bundle was refused."]);
        }

        PushState state = await FollowAsync(context, progress, new FollowPushInput(input, there));
        OperationResult result = PushOutcome.Of(input, there, state);
        progress.Begin(result.Outcome == OperationOutcome.Done ? "done" : "rejected", result.Reasons[0]);
        return result;
    }

    private static async Task<PushState> FollowAsync(TaskOrchestrationContext context, ProgressReporter progress, FollowPushInput input)
    {
        DateTime until = context.CurrentUtcDateTime + MaxWait;
        string? shown = null;
        for (TimeSpan pause = FirstPause; ; pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause)
        {
            PushState state = await context.CallActivityAsync<PushState>(
                nameof(PushActivities.FollowPush), input, ActivityOptions.Default);
            if (state.Outcome is not null || context.CurrentUtcDateTime >= until)
            {
                return state;
            }

            if (state.Step != shown)
            {
                progress.Begin("following", $"'{input.Push.Target}': {state.Step}");
                shown = state.Step;
            }

            await context.CreateTimer(context.CurrentUtcDateTime + pause, CancellationToken.None);
        }
    }
}
