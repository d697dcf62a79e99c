using Microsoft.Extensions.Logging;

namespace Modeldrop.Standalone.Demo;

internal static class DemoRegistration
{
    /// <summary>Prints the addresses of the installation on the console.</summary>
    public static IServiceCollection AddWelcome(this IServiceCollection services)
    {
        services.AddSingleton<Welcome>();
        return services.AddHostedService(provider => provider.GetRequiredService<Welcome>());
    }

    /// <summary>Runs the tour once the app serves. Needs <see cref="AddWelcome"/>.</summary>
    public static IServiceCollection AddDemo(this IServiceCollection services)
    {
        // The tour itself prints each step, so the log shows only warnings.
        services.AddLogging(logging => logging.AddFilter("Modeldrop", LogLevel.Warning));
        return services.AddHostedService<DemoTour>();
    }
}
