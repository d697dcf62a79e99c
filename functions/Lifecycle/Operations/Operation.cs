using System.Text.Json;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Batch;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>A durable operation, as <c>/api/operations</c> shows it.</summary>
/// <param name="Status"><c>pending</c>, <c>running</c>, <c>suspended</c>, <c>completed</c>, <c>failed</c> or <c>terminated</c>.</param>
/// <param name="Outcome">How a completed operation ended; null before.</param>
/// <param name="Steps">What it has done so far, in order.</param>
/// <param name="Failure">What went wrong on our side.</param>
/// <param name="Ahead">How many operations get a slot before it; null: it does not wait for one.</param>
/// <param name="Batch">How far its batch is, and where the answers are; null if the operation is not a batch.</param>
/// <param name="Rollout">Where its rollout stands: step, next look, the gate's last report; null while there is none.</param>
public sealed record Operation(
    string Id,
    string Kind,
    string Model,
    string Status,
    OperationOutcome? Outcome,
    int? Version,
    IReadOnlyList<string> Reasons,
    IReadOnlyList<OperationStep> Steps,
    string? Failure,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    int? Ahead,
    RolloutProgress? Rollout,
    BatchProgress? Batch)
{
    /// <param name="metadata">Fetched with inputs and outputs.</param>
    /// <param name="ahead">Of the operations that wait for a slot; null: nobody asks.</param>
    internal static Operation From(OrchestrationMetadata metadata, IReadOnlyDictionary<string, int>? ahead = null)
    {
        OperationId? id = OperationId.Find(metadata.InstanceId);
        OperationProgress? progress = ProgressOf(metadata);
        OperationResult? result = metadata is { RuntimeStatus: OrchestrationRuntimeStatus.Completed, SerializedOutput: not null }
            ? metadata.ReadOutputAs<OperationResult>()
            : null;
        return new Operation(
            metadata.InstanceId,
            Name(id?.Kind.ToString() ?? metadata.Name),
            id?.Model.Value ?? "",
            Name(metadata.RuntimeStatus.ToString()),
            result?.Outcome,
            result?.Version,
            result?.Reasons ?? [],
            progress?.Steps ?? [],
            metadata.FailureDetails?.ErrorMessage,
            metadata.CreatedAt,
            metadata.LastUpdatedAt,
            !metadata.IsCompleted && ahead is not null && ahead.TryGetValue(metadata.InstanceId, out int waiting) ? waiting : null,
            metadata.IsCompleted ? null : progress?.Rollout,
            progress?.Batch);
    }

    /// <summary>Null before the operation has begun.</summary>
    /// <param name="metadata">Fetched with inputs and outputs.</param>
    internal static OperationProgress? ProgressOf(OrchestrationMetadata metadata) =>
        metadata.SerializedCustomStatus is null ? null : metadata.ReadCustomStatusAs<OperationProgress>();

    private static string Name(string text) => JsonNamingPolicy.CamelCase.ConvertName(text);
}
