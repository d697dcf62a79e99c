using Modeldrop.Lifecycle.Rollouts;

namespace Modeldrop.Functions.Lifecycle.Rollouts;

/// <summary>The only step of a roll back: a conditional write that records its operation, so that a repetition changes nothing.</summary>
public sealed class RollBackActivities(PromotionService promotion)
{
    [Function(nameof(RollBackChampion))]
    public Task<MoveResult> RollBackChampion([ActivityTrigger] RollBackVersionInput input, FunctionContext context) =>
        promotion.RollBackAsync(input, context.CancellationToken);
}
