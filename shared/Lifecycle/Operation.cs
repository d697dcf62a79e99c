using System.Text.Json.Serialization;
using Modeldrop.Lifecycle.Batch;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Rollouts;

namespace Modeldrop.Lifecycle;

/// <summary>A durable operation, as <c>/api/operations</c> and its page show it.</summary>
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
    /// <summary>Whether it can change no more.</summary>
    [JsonIgnore]
    public bool HasEnded => Status is "completed" or "failed" or "terminated";
}
