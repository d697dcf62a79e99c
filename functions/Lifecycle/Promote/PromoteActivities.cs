using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle.Promote;

/// <summary>The steps of a promotion. A move is one conditional write and knows its operation, so that a repetition changes nothing.</summary>
public sealed class PromoteActivities(PromotionService promotion)
{
    [Function(nameof(DecidePromotion))]
    public Task<PromotionDecision> DecidePromotion([ActivityTrigger] VersionInput input, FunctionContext context) =>
        promotion.DecideAsync(input, context.CancellationToken);

    [Function(nameof(MoveChampion))]
    public Task<MoveResult> MoveChampion([ActivityTrigger] VersionInput input, FunctionContext context) =>
        promotion.MoveChampionAsync(input, context.CancellationToken);

    [Function(nameof(PromoteVersion))]
    public Task<MoveResult> PromoteVersion([ActivityTrigger] PromoteVersionInput input, FunctionContext context) =>
        promotion.PromoteAsync(input, context.CancellationToken);

    [Function(nameof(RollBackChampion))]
    public Task<MoveResult> RollBackChampion([ActivityTrigger] RollBackVersionInput input, FunctionContext context) =>
        promotion.RollBackAsync(input, context.CancellationToken);
}
