using Modeldrop.Lifecycle;

namespace Modeldrop.Functions.Lifecycle.Validate;

/// <summary>Checks a registered version, holds it against what the champion has answered lately, and gives it its status.</summary>
public static class ValidateOrchestrationV2
{
    [Function(nameof(ValidateOrchestrationV2))]
    public static async Task<ValidationResult> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, VersionInput input)
    {
        var progress = new ProgressReporter(context);
        progress.Begin("validating", $"version {input.Version}");
        await context.CallActivityAsync(nameof(ValidateActivities.BeginValidation), input, ActivityOptions.Default);

        ValidationResult result = await context.CallActivityAsync<ValidationResult>(nameof(ValidateActivities.RunValidation), input, ActivityOptions.Default);
        if (result.Reasons.Count == 0)
        {
            result = await ReplayAsync(context, input, progress);
        }

        await context.CallActivityAsync(nameof(ValidateActivities.EndValidation), new EndValidationInput(input, result), ActivityOptions.Default);
        progress.Begin(result.Reasons.Count == 0 ? "validated" : "rejected", result.Reasons.Count > 0 ? result.Reasons[0] : null);
        return result;
    }

    private static async Task<ValidationResult> ReplayAsync(TaskOrchestrationContext context, VersionInput input, ProgressReporter progress)
    {
        ReplayPlan plan = await context.CallActivityAsync<ReplayPlan>(nameof(ValidateActivities.PlanReplay), input, ActivityOptions.Default);
        if (plan.Champion is not { } champion)
        {
            return new ValidationResult([]);
        }

        progress.Begin("replaying", $"{plan.Records} logged records of version {champion}");
        IEnumerable<Task> blocks = Enumerable.Range(0, plan.Blocks)
            .Select(block => context.CallActivityAsync(nameof(ValidateActivities.ReplayBlock), new ReplayBlockInput(input, block), ActivityOptions.Default));
        await Task.WhenAll(blocks);
        return await context.CallActivityAsync<ValidationResult>(nameof(ValidateActivities.ConcludeReplay), input, ActivityOptions.Default);
    }
}
