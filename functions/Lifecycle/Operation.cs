using System.Text.Json;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Batch;

namespace Modeldrop.Functions.Lifecycle;

/// <summary>A durable operation, as <c>/api/operations</c> shows it.</summary>
/// <param name="Status"><c>pending</c>, <c>running</c>, <c>suspended</c>, <c>completed</c>, <c>failed</c> or <c>terminated</c>.</param>
/// <param name="Outcome">How a completed operation ended; null before, and for steps that are not operations of their own.</param>
/// <param name="Steps">What it has done so far, in order.</param>
/// <param name="Failure">What went wrong on our side.</param>
/// <param name="Batch">How far its batch is, and where the answers are; null for what is no batch.</param>
/// <param name="Rollout">Where its rollout stands: step, next look, what the gate said last; null while there is none.</param>
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
    RolloutProgress? Rollout = null,
    BatchProgress? Batch = null)
{
    /// <param name="metadata">Fetched with inputs and outputs.</param>
    /// <param name="rollout">The operation's rollout, which is an orchestration of its own; null: it has none.</param>
    internal static Operation From(OrchestrationMetadata metadata, OrchestrationMetadata? rollout = null)
    {
        OperationId? id = OperationId.Find(metadata.InstanceId);
        OperationProgress? progress = metadata.SerializedCustomStatus is null ? null : metadata.ReadCustomStatusAs<OperationProgress>();
        OperationResult? result = ResultOf(metadata);
        return new Operation(
            metadata.InstanceId,
            Name(id?.Kind.ToString() ?? metadata.Name),
            id?.Model ?? "",
            Name(metadata.RuntimeStatus.ToString()),
            result?.Outcome,
            result?.Version,
            result?.Reasons ?? [],
            StepsOf(progress, metadata.InstanceId == rollout?.InstanceId ? null : rollout),
            metadata.FailureDetails?.ErrorMessage,
            metadata.CreatedAt,
            metadata.LastUpdatedAt,
            rollout is null ? progress?.Rollout : RolloutSignals.ProgressOf(rollout),
            progress?.Batch);
    }

    /// <summary>Those of the operation and of its rollout, by time.</summary>
    private static IReadOnlyList<OperationStep> StepsOf(OperationProgress? progress, OrchestrationMetadata? rollout)
    {
        IReadOnlyList<OperationStep> own = progress?.Steps ?? [];
        return rollout?.SerializedCustomStatus is null
            ? own
            : [.. own.Concat(rollout.ReadCustomStatusAs<OperationProgress>()?.Steps ?? []).OrderBy(step => step.At)];
    }

    private static OperationResult? ResultOf(OrchestrationMetadata metadata)
    {
        if (metadata.RuntimeStatus != OrchestrationRuntimeStatus.Completed || metadata.SerializedOutput is null)
        {
            return null;
        }

        // A step of an operation has an output of its own kind, without an outcome.
        using JsonDocument output = JsonDocument.Parse(metadata.SerializedOutput);
        bool isOperation = output.RootElement.ValueKind == JsonValueKind.Object
            && output.RootElement.EnumerateObject().Any(member => member.NameEquals(nameof(OperationResult.Outcome)) || member.NameEquals("outcome"));
        return isOperation ? metadata.ReadOutputAs<OperationResult>() : null;
    }

    private static string Name(string text) => JsonNamingPolicy.CamelCase.ConvertName(text);
}
