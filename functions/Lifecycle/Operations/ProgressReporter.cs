using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Batch;
using Modeldrop.Lifecycle.Rollouts;

namespace Modeldrop.Functions.Lifecycle.Operations;

/// <summary>Maintains an orchestration's custom status: the steps so far. Deterministic, so that a replay sets the same status.</summary>
internal sealed class ProgressReporter(TaskOrchestrationContext context)
{
    /// <summary>Bounds long reasons: a custom status holds 16 KiB for some fifty steps.</summary>
    private const int MaxDetailChars = 200;

    private OperationProgress _progress = OperationProgress.None;

    /// <summary>The latest step.</summary>
    public string Current => _progress.Steps is [.., { Name: var name }] ? name : "start";

    public void Begin(string step, string? detail = null)
    {
        string? shortened = detail is { Length: > MaxDetailChars } ? detail[..MaxDetailChars] + "…" : detail;
        Set(_progress.Then(step, context.CurrentUtcDateTime, shortened));
    }

    /// <summary>Shows the progress of the rollout from now on; null: it has ended.</summary>
    public void Show(RolloutProgress? rollout) => Set(_progress with { Rollout = rollout });

    /// <summary>Shows the progress of the batch from now on.</summary>
    public void Show(BatchProgress batch) => Set(_progress with { Batch = batch });

    private void Set(OperationProgress progress)
    {
        _progress = progress;
        context.SetCustomStatus(progress);
    }
}
