using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Batch;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Batch;

/// <summary>
/// Scores the parts of a file, several at a time. It waits for a slot, but not for workflows of its model, because it does not change the
/// model.
/// </summary>
public static class BatchOrchestration
{
    /// <summary>Number of parts in progress: enough for several instances, without a long queue in front of other operations.</summary>
    private const int Width = 8;

    [Function(nameof(BatchOrchestration))]
    public static async Task<OperationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, BatchInput input)
    {
        var progress = new ProgressReporter(context);
        var step = new BatchStepInput(OperationId.Parse(context.InstanceId), input);
        var turn = new WorkflowTurn(context, step.Operation);
        await turn.EnterSlotAsync(SlotPool.Batch, context.CurrentUtcDateTime, progress);
        try
        {
            return await ScoreAsync(context, progress, step);
        }
        finally
        {
            await turn.LeaveSlotAsync(SlotPool.Batch);
        }
    }

    private static async Task<OperationResult> ScoreAsync(TaskOrchestrationContext context, ProgressReporter progress, BatchStepInput step)
    {
        BatchInput input = step.Batch;
        progress.Begin("planning", input.Path);
        BatchPlanResult plan = await context.CallActivityAsync<BatchPlanResult>(
            nameof(BatchActivities.PlanBatch), step, ActivityOptions.Default);
        if (plan.Violations.Count > 0)
        {
            progress.Begin("rejected", plan.Violations[0]);
            return OperationResult.Rejected(input.Version, plan.Violations);
        }

        progress.Begin("scoring", $"{plan.Chunks} parts with version {input.Version}");
        BatchRows rows = await ScoreAsync(context, step, plan.Chunks, progress);
        if (rows.Refusal is { } refusal)
        {
            progress.Begin("rejected", refusal);
            return OperationResult.Rejected(input.Version, [refusal]);
        }

        string result = await context.CallActivityAsync<string>(
            nameof(BatchActivities.EndBatch), new BatchEndInput(step, rows), ActivityOptions.Default);
        progress.Show(new BatchProgress(plan.Chunks, plan.Chunks, rows.Rows, rows.Failed, result));
        progress.Begin("done", result);
        return new OperationResult(
            OperationOutcome.Done, input.Version,
            rows.Failed == 0 ? [] : [$"{rows.Failed} of {rows.Rows} rows could not be scored.", .. rows.Problems]);
    }

    private static async Task<BatchRows> ScoreAsync(
        TaskOrchestrationContext context, BatchStepInput step, int chunks, ProgressReporter progress)
    {
        List<Task<BatchRows>> running = [];
        var inOrder = new BatchRows[chunks];
        Dictionary<Task<BatchRows>, int> numbers = [];
        int done = 0;
        long rows = 0;
        long failed = 0;
        for (int next = 0; done < chunks; done++)
        {
            for (; next < chunks && running.Count < Width; next++)
            {
                Task<BatchRows> chunk = context.CallActivityAsync<BatchRows>(
                    nameof(BatchActivities.ScoreBatchChunk), new BatchChunkInput(step, next), ActivityOptions.Default);
                numbers[chunk] = next;
                running.Add(chunk);
            }

            progress.Show(new BatchProgress(chunks, done, rows, failed, Result: null));
            Task<BatchRows> ended = await Task.WhenAny(running);
            running.Remove(ended);
            BatchRows result = await ended;
            inOrder[numbers[ended]] = result;
            rows += result.Rows;
            failed += result.Failed;
            if (result.Refusal is not null)
            {
                return result;
            }
        }

        return inOrder.Aggregate(BatchRows.None, (all, chunk) => all.Plus(chunk));
    }
}
