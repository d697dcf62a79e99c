using Modeldrop.Exchange.Push;

namespace Modeldrop.Functions.Exchange;

/// <summary>The steps of a push. Each is safe to repeat.</summary>
public sealed class PushActivities(PushClient client)
{
    [Function(nameof(SendBundle))]
    public Task<PushedBundle> SendBundle([ActivityTrigger] PushStepInput input, FunctionContext context) =>
        client.SendAsync(input, context.CancellationToken);

    [Function(nameof(FollowPush))]
    public Task<PushState> FollowPush([ActivityTrigger] FollowPushInput input, FunctionContext context) =>
        client.AskAsync(input, context.CancellationToken);
}
