using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Replay;

namespace Modeldrop.Functions.Lifecycle.Validate;

/// <summary>The steps of a validation. Each is idempotent: a status is set once, the report is written over, what was found of the log is kept under the operation.</summary>
public sealed class ValidateActivities(ValidationService validation, ReplayService replay)
{
    [Function(nameof(BeginValidation))]
    public Task BeginValidation([ActivityTrigger] VersionInput input, FunctionContext context) =>
        validation.BeginAsync(input, context.CancellationToken);

    [Function(nameof(RunValidation))]
    public Task<ValidationResult> RunValidation([ActivityTrigger] VersionInput input, FunctionContext context) =>
        validation.RunAsync(input, context.CancellationToken);

    [Function(nameof(PlanReplay))]
    public Task<ReplayPlan> PlanReplay([ActivityTrigger] VersionInput input, FunctionContext context) =>
        replay.PlanAsync(input, context.CancellationToken);

    [Function(nameof(ReplayBlock))]
    public Task ReplayBlock([ActivityTrigger] ReplayBlockInput input, FunctionContext context) =>
        replay.RunBlockAsync(input, context.CancellationToken);

    [Function(nameof(ConcludeReplay))]
    public Task<ValidationResult> ConcludeReplay([ActivityTrigger] VersionInput input, FunctionContext context) =>
        replay.ConcludeAsync(input, context.CancellationToken);

    [Function(nameof(EndValidation))]
    public Task EndValidation([ActivityTrigger] EndValidationInput input, FunctionContext context) =>
        validation.EndAsync(input, context.CancellationToken);
}
