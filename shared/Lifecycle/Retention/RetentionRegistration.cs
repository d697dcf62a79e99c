using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.Lifecycle.Retention;

public static class RetentionRegistration
{
    /// <summary>Retention and the orphan sweep; needs <c>AddRegistry</c>, <c>AddPredictions</c> and <c>AddScoring</c>.</summary>
    public static IServiceCollection AddRetention(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RetentionOptions>().Bind(configuration.GetSection(RetentionOptions.SectionName)).ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<VersionRetention>();
        services.AddSingleton<OrphanSweep>();
        services.AddSingleton<RetentionService>();
        return services;
    }
}
