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
    /// <param name="operation">An operation that has not ended.</param>
    internal async Task CancelAsync(
        DurableTaskClient client, StoredOperation operation, Identity by, string? reason, CancellationToken cancellationToken)
    {
        var operations = new DurableOperations(client);
        if (OperationReader.ProgressOf(operation.Data)?.Rollout is not null)
        {
            var signal = new RolloutSignal(RolloutSignalKind.Cancel, by, reason);
            await operations.SignalAsync(operation.Id, RolloutSignal.EventName, signal, cancellationToken);
            return;
        }

        await client.TerminateInstanceAsync(
            operation.Id.ToString(), new TerminateInstanceOptions($"Cancelled by {by}."), cancellationToken);
        await RemoveAsync(operation.Id, operations, cancellationToken);
    }

    /// <summary>
    /// Lets the next workflow of the model continue at once. If the operation takes longer to end, or this process dies, the next workflow
    /// or the daily sweep does the same later.
    /// </summary>
    private async Task RemoveAsync(OperationId operation, DurableOperations operations, CancellationToken cancellationToken)
    {
        if (operation.Model == ModelName.Unnamed)
        {
            return;
        }

        long start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < Patience)
        {
            if (!await operations.IsRunningAsync(operation, cancellationToken))
            {
                await dead.RemoveAsync(operation.Model, operation, operations, cancellationToken);
                return;
            }

            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }
}
