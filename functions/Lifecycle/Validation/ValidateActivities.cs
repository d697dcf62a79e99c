using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Replay;
using Modeldrop.Lifecycle.Validation;

namespace Modeldrop.Functions.Lifecycle.Validation;

/// <summary>
/// The steps of a validation. Each is idempotent: a status is set once, the report is overwritten, and results from the log are stored
/// under the operation.
/// </summary>
public sealed class ValidateActivities(ValidationService validation, ReplayService replay, WorkSlots slots)
{
    /// <summary>Runs all checks; if they pass, selects the logged records with which the version is compared.</summary>
    [Function(nameof(RunValidation))]
    public async Task<ValidationChecks> RunValidation([ActivityTrigger] VersionInput input, FunctionContext context)
    {
        ValidationChecks checks = await validation.RunAsync(input, context.CancellationToken);
        return checks.Reasons.Count > 0 ? checks : checks with { Replay = await replay.PlanAsync(input, context.CancellationToken) };
    }

    [Function(nameof(ReplayBlock))]
    public Task ReplayBlock([ActivityTrigger] ReplayBlockInput input, FunctionContext context) =>
        replay.RunBlockAsync(input, context.CancellationToken);

    /// <summary>Adds the replay to the report, sets the version's status, and releases the slot.</summary>
    [Function(nameof(EndValidation))]
    public async Task<ValidationResult> EndValidation([ActivityTrigger] EndValidationInput input, FunctionContext context)
    {
        IReadOnlyList<string> reasons = input.Checks.Replay is null
            ? input.Checks.Reasons
            : await replay.ConcludeAsync(input.Version, context.CancellationToken);
        await validation.EndAsync(input.Version, reasons, context.CancellationToken);
        return new ValidationResult(
            reasons, await slots.LeaveAsync(SlotPool.Registration, input.Version.Operation, context.CancellationToken));
    }
}
