using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Cancels operations.</summary>
public sealed class OperationCanceller(DeadWorkflows dead, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Cancels an operation. A rollout returns its traffic and ends by itself. Any other operation is terminated at its present step;
    /// finished steps are not undone.
    /// </summary>
    /// <param name="operation">The operation, fetched with inputs and outputs; it has not ended.</param>
    public async Task CancelAsync(
        DurableTaskClient client, OrchestrationMetadata operation, Identity by, string? reason, CancellationToken cancellationToken)
    {
        if (OperationReader.ProgressOf(operation)?.Rollout is not null)
        {
            var signal = new RolloutSignal(RolloutSignalKind.Cancel, by, reason);
            await client.RaiseEventAsync(operation.InstanceId, RolloutSignal.EventName, signal, cancellationToken);
            return;
        }

        await client.TerminateInstanceAsync(operation.InstanceId, new TerminateInstanceOptions($"Cancelled by {by}."), cancellationToken);
        await RemoveAsync(operation.InstanceId, new DurableOperations(client), cancellationToken);
    }

    /// <summary>
    /// Lets the next workflow of the model continue at once. If the operation takes longer to end, or this process dies, the next workflow
    /// or the daily sweep does the same later.
    /// </summary>
    private async Task RemoveAsync(string operation, DurableOperations operations, CancellationToken cancellationToken)
    {
        if (OperationId.Find(operation) is not { Model: var model } || model == ModelName.Unnamed)
        {
            return;
        }

        long start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < Patience)
        {
            if (!await operations.IsRunningAsync(operation, cancellationToken))
            {
                await dead.RemoveAsync(model, operation, operations, cancellationToken);
                return;
            }

            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }
}
