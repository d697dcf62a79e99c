using Modeldrop.Functions.Lifecycle.Rollout;
using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle;

/// <summary>Reaches the rollout of an operation: an orchestration of its own, under the operation's id with <c>~promote</c>.</summary>
internal static class RolloutSignals
{
    /// <summary>The operation's rollout, or the one of that id; null when it has none (yet), or none that listens.</summary>
    public static async Task<OrchestrationMetadata?> FindAsync(DurableTaskClient client, string operation, CancellationToken cancellationToken)
    {
        string suffix = OperationId.Child("", OperationKind.Promote);
        string id = operation.EndsWith(suffix, StringComparison.Ordinal) ? operation : operation + suffix;
        OrchestrationMetadata? rollout = await client.GetInstanceAsync(id, getInputsAndOutputs: true, cancellationToken);
        return rollout?.Name == nameof(RolloutOrchestrationV2) ? rollout : null;
    }

    public static bool WaitsForApproval(OrchestrationMetadata rollout) =>
        ProgressOf(rollout)?.State == RolloutProgress.WaitingForApproval;

    /// <summary>Where it stands; null when it has not begun or has ended.</summary>
    public static RolloutProgress? ProgressOf(OrchestrationMetadata rollout) =>
        rollout.SerializedCustomStatus is null ? null : rollout.ReadCustomStatusAs<OperationProgress>()?.Rollout;

    public static Task SendAsync(DurableTaskClient client, OrchestrationMetadata rollout, RolloutSignal signal, CancellationToken cancellationToken) =>
        client.RaiseEventAsync(rollout.InstanceId, RolloutSignal.EventName, signal, cancellationToken);
}
