using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Modeldrop.Registry;

public static class RegistryRegistration
{
    /// <summary>Models, versions, aliases and data sets. Needs <c>AddStorage</c>.</summary>
    public static IServiceCollection AddRegistry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RegistryOptions>()
            .Bind(configuration.GetSection(RegistryOptions.SectionName))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RegistryStore>();
        services.AddSingleton<IHeadSource>(provider => provider.GetRequiredService<RegistryStore>());
        services.AddSingleton<VersionStore>();
        services.AddSingleton<IVersionSource>(provider => provider.GetRequiredService<VersionStore>());
        services.AddSingleton<DatasetStore>();
        services.AddSingleton<RegistryService>();
        services.AddSingleton<RegistryFeed>();
        services.AddSingleton<AuditTrail>();
        return services;
    }
}
