using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Modeldrop.Routing;
using Modeldrop.Scoring.Cache;
using Modeldrop.Scoring.Failures;

namespace Modeldrop.Scoring;

public static class ScoringRegistration
{
    /// <summary>Adds sessions and the requests that they answer. Requires the rooms Registry, Predictions and Routing.</summary>
    public static IServiceCollection AddScoring(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ScoringOptions>()
            .Bind(configuration.GetSection(ScoringOptions.SectionName))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ScoringMeters>();
        services.AddSingleton<SessionCache>();
        services.AddSingleton<IVersionLoader>(provider => provider.GetRequiredService<SessionCache>());
        services.AddSingleton<VersionDownload>();
        services.AddSingleton<ScoringService>();
        services.AddSingleton<PredictionReplay>();
        services.AddSingleton<InferenceServer>();
        services.AddSingleton(provider => provider.GetRequiredService<ScoringMeters>().FailureHours);
        services.AddSingleton<FailureStore>();
        services.AddHostedService<FailureFlusher>();
        services.AddHostedService<RunDrain>();
        return services;
    }
}
