using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Modeldrop.Lifecycle.Batch;
using Modeldrop.Lifecycle.Consequences;
using Modeldrop.Lifecycle.Drills;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Lifecycle.Replay;
using Modeldrop.Lifecycle.Retention;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Lifecycle.Shadow;
using Modeldrop.Lifecycle.Validation;

namespace Modeldrop.Lifecycle;

public static class LifecycleRegistration
{
    /// <summary>Registration, validation, promotion, shadows, batches and the queue of workflows.</summary>
    public static IServiceCollection AddLifecycle(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LifecycleOptions>().Bind(configuration.GetSection(LifecycleOptions.SectionName)).ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddValidation();
        services.AddReplay(configuration);
        services.AddRetention(configuration);
        services.AddSingleton<WorkflowQueue>();
        services.AddSingleton<WorkSlots>();
        services.AddSingleton<DropSignatures>();
        services.AddSingleton<RegistrationService>();
        services.AddSingleton<LateCompanions>();
        services.AddSingleton<ValidationService>();
        services.AddSingleton<PromotionService>();
        services.AddSingleton<FourEyesService>();
        services.AddSingleton<RolloutAnswers>();
        services.AddSingleton<RolloutService>();
        services.AddSingleton<DeadWorkflows>();
        services.AddSingleton<ShadowScorer>();
        services.AddSingleton<ShadowService>();
        services.AddSingleton<ShadowReports>();
        services.AddSingleton<BatchFiles>();
        services.AddSingleton<BatchScorer>();
        services.AddSingleton<BatchService>();
        services.AddSingleton<VersionComparison>();
        services.AddSingleton<ChampionRollBack>();
        services.AddSingleton<DriftConsequences>();
        services.AddSingleton<DegradationCheck>();
        services.AddSingleton<MonitoringRounds>();
        services.AddSingleton<DrillReports>();
        services.AddSingleton<FireDrill>();
        services.AddSingleton<DropUpload>();
        services.AddSingleton<BundleUpload>();
        services.AddSingleton<DatasetUpload>();
        services.AddSingleton<DatasetLineage>();
        return services;
    }
}
