using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Modeldrop.Scoring.Export;

namespace Modeldrop.Scoring;

public static class ScoringRegistration
{
    /// <summary>Sessions, routing and the Open Inference Protocol. Needs the rooms Registry and Predictions.</summary>
    public static IServiceCollection AddScoring(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ScoringOptions>()
            .Bind(configuration.GetSection(ScoringOptions.SectionName))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SessionCache>();
        services.AddSingleton<RolloutMeters>();
        services.AddSingleton<RolloutCounterStore>();
        services.AddSingleton<TrafficRouter>();
        services.AddSingleton<ScoringService>();
        services.AddSingleton<PredictionReplay>();
        services.AddSingleton<PredictionExport>();
        services.AddSingleton<InferenceServer>();
        services.AddHostedService<RunDrain>();
        services.AddHostedService<TrafficRefresher>();
        services.AddHostedService<RolloutFlusher>();
        return services;
    }
}
