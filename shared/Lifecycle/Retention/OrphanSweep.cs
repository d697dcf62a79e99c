using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Drops;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Routing;

namespace Modeldrop.Lifecycle.Retention;

/// <summary>What a sweep has deleted.</summary>
/// <param name="Operations">Ended operations that still had staged files.</param>
/// <param name="VersionFolders">Folders that belong to no version.</param>
/// <param name="LogBlobs">Blobs that no row of the log refers to.</param>
/// <param name="QueueEntries">Entries of workflows that ended without leaving the queue.</param>
/// <param name="RolloutCounters">Counters of rollouts that had ended.</param>
/// <param name="DatasetFiles">Files of uploads that died before they created a version.</param>
public sealed record SweepResult(int Operations, int VersionFolders, int LogBlobs, int QueueEntries, int RolloutCounters, int DatasetFiles)
{
    public bool IsEmpty => this is { Operations: 0, VersionFolders: 0, LogBlobs: 0, QueueEntries: 0, RolloutCounters: 0, DatasetFiles: 0 };
}

/// <summary>Deletes data without an owner: leftovers of operations that were interrupted. Every step may be repeated.</summary>
public sealed partial class OrphanSweep(
    RegistryStore registry,
    VersionStore versions,
    DropStaging staging,
    PredictionStore predictions,
    WorkflowQueue queue,
    WorkSlots slots,
    DeadWorkflows dead,
    RolloutCounterStore counters,
    DatasetStore datasets,
    IOptions<RetentionOptions> options,
    TimeProvider clock,
    ILogger<OrphanSweep> logger)
{
    // Each hour of the log that has blobs costs a query. Older hours have been swept already, unless nothing has run for a month.
    private static readonly TimeSpan LogBlobsLookedAt = TimeSpan.FromDays(31);

    public async Task<SweepResult> RunAsync(IOperations operations, CancellationToken cancellationToken)
    {
        DateTimeOffset before = clock.GetUtcNow() - options.Value.OrphanAge;
        var result = new SweepResult(
            await SweepStagingAsync(before, operations, cancellationToken),
            await SweepVersionsAsync(before, cancellationToken),
            await predictions.DeleteOrphanBlobsAsync(before - LogBlobsLookedAt, before, cancellationToken),
            await SweepQueueAsync(operations, cancellationToken),
            await SweepCountersAsync(before, operations, cancellationToken),
            await datasets.DeleteOrphanFilesAsync(before, cancellationToken));
        if (!result.IsEmpty)
        {
            Log.Swept(
                logger, result.Operations, result.VersionFolders, result.LogBlobs, result.QueueEntries, result.RolloutCounters,
                result.DatasetFiles);
        }

        return result;
    }

    private async Task<int> SweepStagingAsync(
        DateTimeOffset before, IOperations operations, CancellationToken cancellationToken)
    {
        int swept = 0;
        await foreach (OperationId operation in staging.ListAsync(before, cancellationToken))
        {
            if (!await operations.IsRunningAsync(operation, cancellationToken))
            {
                await staging.DeleteAsync(operation, cancellationToken);
                swept++;
            }
        }

        return swept;
    }

    private async Task<int> SweepVersionsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int swept = 0;

        // Listed before the heads are read, so that a version created in between is not among them.
        List<VersionName> folders = await versions.ListFoldersAsync(before, cancellationToken)
            .ToListAsync(cancellationToken);
        Dictionary<ModelName, ModelHead> heads = (await registry.ListHeadsAsync(cancellationToken))
            .ToDictionary(head => head.Name);
        foreach (VersionName version in folders)
        {
            if (heads.GetValueOrDefault(version.Model)?.FindVersion(version.Number) is null)
            {
                await versions.DeleteFolderAsync(version, cancellationToken);
                swept++;
            }
        }

        return swept;
    }

    private async Task<int> SweepQueueAsync(IOperations operations, CancellationToken cancellationToken)
    {
        int swept = 0;
        foreach ((ModelName model, IReadOnlyList<OperationId> waiting) in await queue.ListAllAsync(cancellationToken))
        {
            // If others wait, the first of them removes a dead operation itself.
            if (waiting is [var only] && !await operations.IsRunningAsync(only, cancellationToken))
            {
                await dead.RemoveAsync(model, only, operations, cancellationToken);
                swept++;
            }
        }

        foreach (SlotPool pool in Enum.GetValues<SlotPool>())
        {
            foreach (SlotEntry entry in await slots.ListAsync(pool, cancellationToken))
            {
                if (!await operations.IsRunningAsync(entry.Operation, cancellationToken))
                {
                    await operations.WakeAsync(await slots.LeaveAsync(pool, entry.Operation, cancellationToken), cancellationToken);
                    swept++;
                }
            }
        }

        return swept;
    }

    private async Task<int> SweepCountersAsync(
        DateTimeOffset before, IOperations operations, CancellationToken cancellationToken)
    {
        int swept = 0;
        foreach (OperationId operation in await counters.ListOperationsAsync(before, cancellationToken))
        {
            if (!await operations.IsRunningAsync(operation, cancellationToken))
            {
                await counters.DeleteAsync(operation, cancellationToken);
                swept++;
            }
        }

        return swept;
    }

    private static partial class Log
    {
        [LoggerMessage(7012, LogLevel.Information,
            "Swept {Operations} staged operations, {VersionFolders} version folders, {LogBlobs} log blobs, {QueueEntries} queue "
            + "entries, {RolloutCounters} rollout counters and {DatasetFiles} data set files that belonged to nobody")]
        public static partial void Swept(
            ILogger logger, int operations, int versionFolders, int logBlobs, int queueEntries, int rolloutCounters, int datasetFiles);
    }
}
