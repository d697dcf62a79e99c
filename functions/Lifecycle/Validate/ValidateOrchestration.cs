using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle.Validate;

/// <summary>The first form, for validations that began with it: nothing is replayed. New ones are <see cref="ValidateOrchestrationV2"/>.</summary>
public static class ValidateOrchestration
{
    [Function(nameof(ValidateOrchestration))]
    public static async Task<ValidationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, VersionInput input)
    {
        var progress = new ProgressReporter(context);
        progress.Begin("validating", $"version {input.Version}");
        await context.CallActivityAsync(nameof(ValidateActivities.BeginValidation), input, ActivityOptions.Default);

        ValidationResult result = await context.CallActivityAsync<ValidationResult>(nameof(ValidateActivities.RunValidation), input, ActivityOptions.Default);

        await context.CallActivityAsync(nameof(ValidateActivities.EndValidation), new EndValidationInput(input, result), ActivityOptions.Default);
        progress.Begin(result.Reasons.Count == 0 ? "validated" : "rejected", result.Reasons.Count > 0 ? result.Reasons[0] : null);
        return result;
    }
}
