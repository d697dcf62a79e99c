using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Modeldrop.Probe;

public static class ProbeRegistration
{
    /// <summary>Adds the probe of untrusted models.</summary>
    public static IServiceCollection AddProbe(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ProbeOptions>()
            .Bind(configuration.GetSection(ProbeOptions.SectionName))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ProbeService>();
        services.AddHostedService(provider => provider.GetRequiredService<ProbeService>());
        return services;
    }
}
