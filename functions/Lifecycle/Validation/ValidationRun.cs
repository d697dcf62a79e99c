using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Validation;

namespace Modeldrop.Functions.Lifecycle.Validation;

/// <summary>
/// Checks a registered version, compares it with the champion's recent answers, and sets its status. Runs within a workflow that has its
/// turn and a slot, and releases the slot at the end.
/// </summary>
internal sealed class ValidationRun(TaskOrchestrationContext context, ProgressReporter progress, VersionInput version)
{
    /// <summary>Number of blocks in progress: enough for two instances, without a long queue in front of other operations.</summary>
    private const int Width = 2;

    /// <summary>Why the version gets no new profile of its reference data; known once it has been checked.</summary>
    public IReadOnlyList<string> Unprofiled { get; private set; } = [];

    public async Task<ValidationResult> RunAsync()
    {
        progress.Begin("validating", $"version {version.Version}");
        ValidationChecks checks = await context.CallActivityAsync<ValidationChecks>(
            nameof(ValidateActivities.RunValidation), version, ActivityOptions.Default);
        Unprofiled = checks.Unprofiled;
        if (Unprofiled.Count > 0)
        {
            progress.Begin("going on without a new profile", Unprofiled[0]);
        }

        if (checks.Replay is { } replay)
        {
            progress.Begin("replaying", $"{replay.Records} logged records of version {replay.Champion}");
            foreach (int[] blocks in Enumerable.Range(0, replay.Blocks).Chunk(Width))
            {
                await Task.WhenAll(blocks.Select(block => context.CallActivityAsync(
                    nameof(ValidateActivities.ReplayBlock), new ReplayBlockInput(version, block), ActivityOptions.Default)));
            }
        }

        ValidationResult result = await context.CallActivityAsync<ValidationResult>(
            nameof(ValidateActivities.EndValidation), new EndValidationInput(version, checks), ActivityOptions.Default);
        WorkflowTurn.Wake(context, result.Next);
        progress.Begin(result.Reasons.Count == 0 ? "validated" : "rejected", result.Reasons.Count > 0 ? result.Reasons[0] : null);
        return result;
    }
}
