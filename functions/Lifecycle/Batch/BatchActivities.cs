using Modeldrop.Lifecycle.Batch;

namespace Modeldrop.Functions.Lifecycle.Batch;

/// <summary>The steps of a batch; each may be repeated.</summary>
public sealed class BatchActivities(BatchService batches)
{
    [Function(nameof(PlanBatch))]
    public Task<BatchPlanResult> PlanBatch([ActivityTrigger] BatchStepInput input, FunctionContext context) =>
        batches.PlanAsync(input, context.CancellationToken);

    [Function(nameof(ScoreBatchChunk))]
    public Task<BatchRows> ScoreBatchChunk([ActivityTrigger] BatchChunkInput input, FunctionContext context) =>
        batches.ScoreChunkAsync(input, context.CancellationToken);

    [Function(nameof(EndBatch))]
    public Task<string> EndBatch([ActivityTrigger] BatchEndInput input, FunctionContext context) =>
        batches.EndAsync(input, context.CancellationToken);
}
