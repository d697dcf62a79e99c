using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Modeldrop.Routing;

public static class RoutingRegistration
{
    /// <summary>Adds routing of requests to versions, and the counts of rollouts. Requires an <see cref="IVersionLoader"/>.</summary>
    public static IServiceCollection AddRouting(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RoutingOptions>()
            .Bind(configuration.GetSection(RoutingOptions.SectionName))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RolloutMeters>();
        services.AddSingleton<RolloutCounterStore>();
        services.AddSingleton<TrafficRouter>();
        services.AddHostedService<TrafficRefresher>();
        services.AddHostedService<RolloutFlusher>();
        return services;
    }
}
