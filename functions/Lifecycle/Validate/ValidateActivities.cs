using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle.Validate;

/// <summary>The steps of a validation. Each is idempotent: a status is set once, the report is written over.</summary>
public sealed class ValidateActivities(ValidationService validation)
{
    [Function(nameof(BeginValidation))]
    public Task BeginValidation([ActivityTrigger] VersionInput input, FunctionContext context) =>
        validation.BeginAsync(input, context.CancellationToken);

    [Function(nameof(RunValidation))]
    public Task<ValidationResult> RunValidation([ActivityTrigger] VersionInput input, FunctionContext context) =>
        validation.RunAsync(input, context.CancellationToken);

    [Function(nameof(EndValidation))]
    public Task EndValidation([ActivityTrigger] EndValidationInput input, FunctionContext context) =>
        validation.EndAsync(input, context.CancellationToken);
}
