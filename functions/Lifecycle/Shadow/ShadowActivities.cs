using Modeldrop.Lifecycle.Shadow;

namespace Modeldrop.Functions.Lifecycle.Shadow;

/// <summary>The only step of setting a shadow: a write that records its operation.</summary>
public sealed class ShadowActivities(ShadowService shadows)
{
    [Function(nameof(SetShadow))]
    public Task SetShadow([ActivityTrigger] SetShadowInput input, FunctionContext context) =>
        shadows.SetAsync(input, context.CancellationToken);
}
