using System.Text.Json;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Names;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Converts the engine's data to operations.</summary>
internal static class OperationReader
{
    /// <param name="metadata">The operation, fetched with inputs and outputs.</param>
    /// <param name="ahead">Number of operations in front, for those that wait for a slot; null: not needed.</param>
    public static Operation Read(
        OperationId id, OrchestrationMetadata metadata, IReadOnlyDictionary<OperationId, int>? ahead = null)
    {
        OperationProgress? progress = ProgressOf(metadata);
        OperationResult? result = metadata is { RuntimeStatus: OrchestrationRuntimeStatus.Completed, SerializedOutput: not null }
            ? metadata.ReadOutputAs<OperationResult>()
            : null;
        return new Operation(
            id,
            Name(id.Kind.ToString()),
            id.Model,
            Name(metadata.RuntimeStatus.ToString()),
            result?.Outcome,
            result?.Version,
            result?.Reasons ?? [],
            progress?.Steps ?? [],
            metadata.FailureDetails?.ErrorMessage,
            metadata.CreatedAt,
            metadata.LastUpdatedAt,
            !metadata.IsCompleted && ahead is not null && ahead.TryGetValue(id, out int waiting) ? waiting : null,
            metadata.IsCompleted ? null : progress?.Rollout,
            progress?.Batch);
    }

    /// <summary>Null before the operation has started.</summary>
    /// <param name="metadata">The operation, fetched with inputs and outputs.</param>
    public static OperationProgress? ProgressOf(OrchestrationMetadata metadata) =>
        metadata.SerializedCustomStatus is null ? null : metadata.ReadCustomStatusAs<OperationProgress>();

    private static string Name(string text) => JsonNamingPolicy.CamelCase.ConvertName(text);
}
