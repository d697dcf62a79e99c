using System.Text.Json.Serialization;
using Modeldrop.Lifecycle.Batch;
using Modeldrop.Lifecycle.Rollouts;

namespace Modeldrop.Lifecycle;

/// <summary>What an operation has done so far: its orchestration's custom status.</summary>
/// <remarks>At most a few dozen steps: a status holds 16 KiB.</remarks>
public sealed record OperationProgress(IReadOnlyList<OperationStep> Steps)
{
    public static readonly OperationProgress None = new([]);

    /// <summary>Null while no rollout is running.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RolloutProgress? Rollout { get; init; }

    /// <summary>Null if the operation is not a batch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BatchProgress? Batch { get; init; }

    /// <param name="at">The time from <c>context.CurrentUtcDateTime</c>.</param>
    public OperationProgress Then(string name, DateTime at, string? detail = null) =>
        this with { Steps = [.. Steps, new OperationStep(name, at, detail)] };
}

/// <param name="Name">The step that began: <c>staging</c>, <c>inspecting</c>, <c>registering</c>…</param>
/// <param name="At">Start of the step, UTC.</param>
public sealed record OperationStep(string Name, DateTime At, string? Detail = null);
