using System.Text.Json.Serialization;
using Modeldrop.Lifecycle.Batch;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Names;

namespace Modeldrop.Lifecycle;

/// <summary>A durable operation, as <c>/api/operations</c> and its page show it.</summary>
/// <param name="Status"><c>pending</c>, <c>running</c>, <c>suspended</c>, <c>completed</c>, <c>failed</c> or <c>terminated</c>.</param>
/// <param name="Outcome">How a completed operation ended; null before that.</param>
/// <param name="Steps">What it has done so far, in order.</param>
/// <param name="Failure">What went wrong on the service's side.</param>
/// <param name="Ahead">Number of operations that get a slot before this one; null: it does not wait for a slot.</param>
/// <param name="Batch">Progress of its batch, and the blob with the answers; null if the operation is not a batch.</param>
/// <param name="Rollout">Progress of its rollout: step, next look, the gate's last report; null without a rollout.</param>
public sealed record Operation(
    OperationId Id,
    string Kind,
    ModelName Model,
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
    /// <summary>Whether it has ended, so that it can no longer change.</summary>
    [JsonIgnore]
    public bool HasEnded => Status is "completed" or "failed" or "terminated";
}
