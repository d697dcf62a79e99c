using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.Scoring;

public static class ScoringRegistration
{
    /// <summary>Routing, sessions and the scoring of requests; needs the registry and the prediction log.</summary>
    public static IServiceCollection AddScoring(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ScoringOptions>()
            .Bind(configuration.GetSection(ScoringOptions.SectionName))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ModelFileCache>();
        services.AddSingleton<SessionCache>();
        services.AddSingleton<TrafficRouter>();
        services.AddHostedService(provider => provider.GetRequiredService<TrafficRouter>());
        services.AddSingleton<ScoringService>();
        services.AddSingleton<MetadataService>();
        return services;
    }
}
