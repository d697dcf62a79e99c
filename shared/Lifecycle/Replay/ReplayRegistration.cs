using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Modeldrop.Lifecycle.Replay;

public static class ReplayRegistration
{
    /// <summary>The replay gate; needs <c>AddProbe</c>, <c>AddRegistry</c>, <c>AddPredictions</c> and <c>AddMonitoring</c>.</summary>
    public static IServiceCollection AddReplay(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ReplayOptions>().Bind(configuration.GetSection(ReplayOptions.SectionName)).ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ReplayPlanner>();
        services.AddSingleton<ReplayRunner>();
        services.AddSingleton<ReplayService>();
        return services;
    }
}
