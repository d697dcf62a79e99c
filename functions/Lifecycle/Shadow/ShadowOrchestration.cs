using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Shadow;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Shadow;

/// <summary>Sets or ends a shadow. It waits for no other workflow, because it changes no answer.</summary>
public static class ShadowOrchestration
{
    [Function(nameof(ShadowOrchestration))]
    public static async Task<OperationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, ShadowInput input)
    {
        var progress = new ProgressReporter(context);
        progress.Begin("setting the shadow", $"version {input.Version}, {input.Percent} %");
        await context.CallActivityAsync(
            nameof(ShadowActivities.SetShadow), new SetShadowInput(OperationId.Parse(context.InstanceId), input), ActivityOptions.Default);
        progress.Begin("done");
        return new OperationResult(OperationOutcome.Done, input.Version, []);
    }
}
