using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Modeldrop.Exchange.Bundles;

namespace Modeldrop.Exchange;

public static class ExchangeRegistration
{
    /// <summary>Versions as files for other installations. Needs <c>AddRegistry</c> and <c>AddSigning</c>.</summary>
    public static IServiceCollection AddExchange(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ExchangeOptions>()
            .Bind(configuration.GetSection(ExchangeOptions.SectionName))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<BundleSeals>();
        services.AddSingleton<BundleExport>();
        return services;
    }
}
