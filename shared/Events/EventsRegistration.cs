using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Modeldrop.Events;

public static class EventsRegistration
{
    /// <summary>Publishes the registry's events; needs <c>AddStorage</c>, <c>AddRegistry</c> and <c>AddWebhooks</c>.</summary>
    public static IServiceCollection AddEvents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<EventOptions>()
            .Bind(configuration.GetSection(EventOptions.SectionName))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<EventService>();
        services.AddSingleton<SubscriptionStore>();
        services.AddSingleton<SubscriptionService>();
        services.AddSingleton<EventDelivery>();
        services.AddSingleton<EventSignal>();
        services.AddHostedService<EventPrompter>();
        return services;
    }
}
