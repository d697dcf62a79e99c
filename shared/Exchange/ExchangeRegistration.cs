using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Modeldrop.Exchange.Bom;
using Modeldrop.Exchange.Bundles;
using Modeldrop.Exchange.Push;

namespace Modeldrop.Exchange;

public static class ExchangeRegistration
{
    /// <summary>Exchange of versions with other installations. Needs <c>AddRegistry</c> and <c>AddSigning</c>.</summary>
    public static IServiceCollection AddExchange(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ExchangeOptions>()
            .Bind(configuration.GetSection(ExchangeOptions.SectionName))
            .ValidateDataAnnotations()
            .Validate(
                PushTargets.AreUsable,
                "Exchange__Targets must be a list '<name>=<https address>; …', and Exchange__TargetKeys a list '<name>=<key>; …' "
                    + "with names of Exchange__Targets.")
            .ValidateOnStart();
        services.AddSingleton<BundleSeals>();
        services.AddSingleton<BundleExport>();
        services.AddSingleton<PushTargets>();
        services.AddSingleton<PushClient>();
        services.AddSingleton<ModelBom>();
        return services;
    }
}
